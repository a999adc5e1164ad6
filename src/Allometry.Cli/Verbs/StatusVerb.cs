using System.CommandLine;
using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;
using Spectre.Console;

namespace Allometry.Cli.Verbs;

/// <summary>How a study stands, from its store alone; also while another process runs it.</summary>
public static class StatusVerb
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    public static Command Command()
    {
        var store = Options.StoreArgument();
        var watch = new Option<bool>("--watch") { Description = "Show it again every two seconds, as long as the study is worked on." };
        var json = Options.Json();
        var command = new Command("status", "How a study stands.") { store, watch, json };
        command.SetAction(parsed => Run(StoreFolder.Find(parsed.GetValue(store)), parsed.GetValue(watch), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string folder, bool watch, bool json)
    {
        if (watch && json) throw new InputException("--watch", "--json is one document, which does not change", "leave one of the two out");
        for (; watch && StudyStore.IsWorkedOn(folder); Thread.Sleep(Moment))
        {
            if (!Console.IsOutputRedirected) AnsiConsole.Clear();
            Show(folder, json);
        }
        return Show(folder, json);
    }

    private static int Show(string folder, bool json)
    {
        using var store = StudyStore.Read(folder);
        var records = store.Runs().ToDictionary(run => run.Id, run => RunRecord.FromJson(run.Description));
        var arms = Arms.Of(records);
        var lines = records.Select(run => Line(store, run.Key, run.Value, arms[run.Key])).ToList();
        return json ? Json.Print(new { Name = store.Fact("name"), Store = Path.GetFullPath(folder), Runs = lines }) : Print(store, lines);
    }

    private static StatusLine Line(StudyStore store, string id, RunRecord record, IReadOnlyList<string> arm)
    {
        var (state, reason) = store.StateOf(id);
        var measured = store.Measurements(id);
        var loss = measured.LastOrDefault(m => m.Name == "loss");
        var padding = measured.LastOrDefault(m => m.Name == "padding");
        return new(id, record.Shape, arm, record.Stage, record.Task, record.From, record.Seed, state.ToString().ToLowerInvariant(), reason, loss?.Step ?? 0, record.Workload.Steps, loss?.Value, padding?.Value);
    }

    private static int Print(StudyStore store, List<StatusLine> lines)
    {
        var table = new TextTable("run", "shape", "stage", "state", "seed", "step", "of", "loss", "padding") { Words = 4 };
        foreach (var line in lines)
            table.Add(
                line.Run, StudyRun.NameOf(line.Shape, line.Arm), $"{line.Stage} {line.Task} {(line.From.Length > 0 ? $"from {line.From}" : "")}".Trim(), line.State, $"{line.Seed}", Figures.Exact(line.Step), Figures.Exact(line.Steps),
                line.Loss?.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture) ?? "",
                line.Padding is { } share ? Figures.Percent(share) : "");
        Console.WriteLine($"{store.Fact("name")}: {lines.Count(line => line.State == "done")} of {lines.Count} runs done");
        table.Print(Console.Out);
        foreach (var line in lines.Where(line => line.Reason is not null)) Console.WriteLine($"{line.Run}: {line.Reason}");
        return CommandLine.Success;
    }

    private sealed record StatusLine(
        string Run, string Shape, IReadOnlyList<string> Arm, string Stage, string? Task, string From, long Seed, string State, string? Reason, long Step, long Steps, double? Loss, double? Padding);
}
