using System.CommandLine;
using Allometry.Cli.Progress;
using Allometry.Experiments;

namespace Allometry.Cli.Verbs;

/// <summary>What a recipe would take; nothing is executed.</summary>
public static class PlanVerb
{
    public static Command Command()
    {
        var recipe = Options.Recipe();
        var store = Options.Store();
        var fits = new Option<string?>("--fits") { Description = "Mark what is done within this time, one run after the other.", HelpName = "2h" };
        var json = Options.Json();
        var command = new Command("plan", "The runs of a recipe: parameters, FLOPs, memory, predicted time.") { recipe, store, fits, json };
        command.SetAction(parsed => Run(parsed.GetValue(recipe)!, parsed.GetValue(store), parsed.GetValue(fits), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string path, string? folder, string? fits, bool json)
    {
        TimeSpan? limit = fits is null ? null : Options.Duration("--fits", fits);
        using var watcher = Watchers.For(json);
        var study = OpenRecipe.Read(path, watcher);
        var plan = study.Plan("cpu", plain: false);
        var pace = Paces.Known(plan);
        watcher.Dispose();
        var lines = Lines(plan, pace, StoreFolder.Done(StoreFolder.Of(folder, study.Recipe.Name)), limit?.TotalSeconds ?? double.PositiveInfinity);
        return json ? Json.Print(Document(study, lines, pace)) : Print(study, lines, pace, limit);
    }

    private static List<PlanLine> Lines(Plan plan, Pace pace, HashSet<string> done, double limit)
    {
        var until = 0.0;
        List<PlanLine> lines = [];
        foreach (var run in plan.Runs)
        {
            var isDone = done.Contains(run.Id);
            until += isDone ? 0 : pace.Seconds(run.Workload);
            lines.Add(new(run, pace.Seconds(run.Workload), isDone, until <= limit));
        }
        return lines;
    }

    private static int Print(OpenRecipe study, List<PlanLine> lines, Pace pace, TimeSpan? limit)
    {
        var table = new TextTable("shape", "stage", "seed", "parameters", "steps", "FLOPs", "memory", "time", limit is null ? "" : "fits") { Words = 2 };
        foreach (var (run, seconds, done, fits) in lines)
            table.Add(
                run.Shape, $"{run.Stage} {run.Task} {(run.From.Length > 0 ? $"from {run.From}" : "")}".Trim(), $"{run.Seed}", Figures.Short(run.Workload.Parameters), Figures.Exact(run.Workload.Steps),
                Figures.Short(run.Workload.TrainingFlops), Figures.Bytes(run.Workload.MemoryBytes), done ? "done" : Figures.Seconds(seconds), limit is null || done ? "" : fits ? "yes" : "no");
        table.Print(Console.Out);
        Console.WriteLine();
        var open = lines.Where(line => !line.Done).ToList();
        Console.WriteLine($"{study.Recipe.Name}: {lines.Count} runs, {lines.Count - open.Count} done; to do: {Figures.Short(open.Sum(line => line.Run.Workload.TrainingFlops))} FLOPs, about {Figures.Seconds(open.Sum(line => line.Seconds))}");
        if (limit is { } time) Console.WriteLine($"Within {Figures.Time(time)}: {open.Count(line => line.Fits)} of these {open.Count} runs");
        Console.WriteLine(Paces.Words(pace));
        return CommandLine.Success;
    }

    private static object Document(OpenRecipe study, List<PlanLine> lines, Pace pace) => new
    {
        study.Recipe.Name,
        Runs = lines.Select(line => new
        {
            line.Run.Id,
            line.Run.Stage,
            line.Run.Shape,
            line.Run.From,
            line.Run.Task,
            line.Run.Seed,
            line.Run.Run.Needs,
            line.Done,
            line.Fits,
            line.Seconds,
            line.Run.Workload.Parameters,
            line.Run.Workload.NonEmbeddingParameters,
            line.Run.Workload.Steps,
            line.Run.Workload.Tokens,
            line.Run.Workload.ForwardFlops,
            line.Run.Workload.TrainingFlops,
            line.Run.Workload.MemoryBytes,
        }),
        Totals = new { TrainingFlops = lines.Sum(line => line.Run.Workload.TrainingFlops), SecondsToDo = lines.Where(line => !line.Done).Sum(line => line.Seconds) },
        Pace = new { pace.ProductFlops, pace.BytesPerSecond, pace.LayerSeconds, pace.Measured },
    };

    private sealed record PlanLine(PlannedRun Run, double Seconds, bool Done, bool Fits);
}
