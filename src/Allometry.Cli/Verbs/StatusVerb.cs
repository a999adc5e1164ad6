using System.CommandLine;
using Allometry.Analysis;
using Allometry.Backends;
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
        for (; watch && (ClusterPlace.Has(folder) ? ClusterPlace.IsLookedAfter(folder) : StudyStore.IsWorkedOn(folder)); Thread.Sleep(Moment))
        {
            if (!Console.IsOutputRedirected) AnsiConsole.Clear();
            Show(folder, json);
        }
        return Show(folder, json);
    }

    /// <summary>A study on a cluster is told by files that its coordinator and its runs write: its database is for the coordinator alone.</summary>
    private static int Show(string folder, bool json)
    {
        if (Board.Read(folder) is { } board) return Show(folder, board.Name, board.Runs, json);
        using var store = StudyStore.Read(folder);
        return Show(folder, store.Fact("name"), Board.Lines(store), json);
    }

    private static int Show(string folder, string? name, IReadOnlyList<BoardLine> lines, bool json) =>
        json ? Json.Print(new { Name = name, Store = Path.GetFullPath(folder), Runs = lines }) : Print(name, lines);

    private static int Print(string? name, IReadOnlyList<BoardLine> lines)
    {
        var table = new TextTable("run", "shape", "stage", "state", "seed", "step", "of", "loss", "padding") { Words = 4 };
        foreach (var line in lines)
            table.Add(
                line.Run, StudyRun.NameOf(line.Shape, line.Arm), $"{line.Stage} {line.Task} {(line.From.Length > 0 ? $"from {line.From}" : "")}".Trim(), line.State, $"{line.Seed}", Figures.Exact(line.Step), Figures.Exact(line.Steps),
                line.Loss?.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture) ?? "",
                line.Padding is { } share ? Figures.Percent(share) : "");
        Console.WriteLine($"{name}: {lines.Count(line => line.State == "done")} of {lines.Count} runs done");
        table.Print(Console.Out);
        foreach (var line in lines.Where(line => line.Reason is not null)) Console.WriteLine($"{line.Run}: {line.Reason}");
        return CommandLine.Success;
    }
}
