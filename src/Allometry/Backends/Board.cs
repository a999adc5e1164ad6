using System.Diagnostics;
using System.Text.Json;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>How a study on a cluster stands, as its coordinator writes it for whoever sees the folder: its database is for the coordinator alone.</summary>
public sealed class Board
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly StudyStore store;
    private readonly Dictionary<string, BoardLine> lines;
    private readonly Stopwatch sinceWritten = Stopwatch.StartNew();
    private bool isNew = true;

    public Board(StudyStore store)
    {
        this.store = store;
        lines = Lines(store).ToDictionary(line => line.Run);
        Write(now: true);
    }

    /// <summary>What was last written, with what runs have told since; null where no cluster has been given this study.</summary>
    public static BoardDocument? Read(string store)
    {
        var file = FileOf(store);
        if (!File.Exists(file)) return null;
        var written = JsonSerializer.Deserialize<BoardDocument>(Reader.Text(file), RunFolder.Json)!;
        return written with { Runs = [.. written.Runs.Select(line => Newest(store, line))] };
    }

    /// <summary>The lines of the runs in a database.</summary>
    public static IReadOnlyList<BoardLine> Lines(StudyStore store)
    {
        var records = store.Current().ToDictionary(run => run.Id, run => RunRecord.FromJson(run.Description));
        var arms = Arms.Of(records);
        return [.. records.Select(run => Line(store, run.Key, run.Value, arms[run.Key]))];
    }

    private static BoardLine Line(StudyStore store, string id, RunRecord record, IReadOnlyList<string> arm)
    {
        var (state, reason) = store.StateOf(id);
        return new BoardLine(id, record.Shape, arm, record.Stage, record.Task, record.From, record.Seed, state.ToString().ToLowerInvariant(), reason, 0, record.Workload.Steps, null, null).With(new StudyLook(store));
    }

    public void Ended(RunEnd end)
    {
        var line = lines[end.Run.Id].With(new StudyLook(store));
        lines[end.Run.Id] = line with { State = end.State.ToString().ToLowerInvariant(), Reason = end.Reason };
        isNew = true;
    }

    public void Write(bool now = false)
    {
        if (!isNew || (!now && sinceWritten.Elapsed < Every)) return;
        AtomicFile.WriteText(FileOf(store.Folder), JsonSerializer.Serialize(new BoardDocument(store.Fact("name"), [.. lines.Values]), RunFolder.Json));
        sinceWritten.Restart();
        isNew = false;
    }

    private static BoardLine Newest(string store, BoardLine line)
    {
        if (line.State is "done" or "failed" or "stopped" or "skipped") return line;
        var folder = new RunFolder(store, line.Run);
        if (folder.Told(folder.Decision ?? folder.LastClaim) is not { } attempt) return line;
        var progress = RunTelling.Read(folder);
        return line with
        {
            State = attempt.State.ToString().ToLowerInvariant(),
            Reason = attempt.Reason,
            Step = attempt.State == RunState.Done ? line.Steps : Math.Max(progress?.Step ?? 0, attempt.FromStep),
            Loss = progress?.Loss ?? line.Loss,
        };
    }

    private static string FileOf(string store) => Path.Combine(SubmissionFolder.Root(store), "board.json");
}

public sealed record BoardDocument(string? Name, IReadOnlyList<BoardLine> Runs);

/// <summary>A run as `status` shows it.</summary>
public sealed record BoardLine(
    string Run, string Shape, IReadOnlyList<string> Arm, string Stage, string? Task, string From, long Seed, string State, string? Reason, long Step, long Steps, double? Loss, double? Padding)
{
    internal BoardLine With(StudyLook look)
    {
        var loss = look.Last(Run, "loss");
        return this with { Step = loss?.Step ?? 0, Loss = loss?.Value, Padding = look.Last(Run, "padding")?.Value };
    }
}
