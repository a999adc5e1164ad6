using System.CommandLine;
using System.Globalization;
using Allometry.Backends;
using Allometry.Cli.Progress;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Cli.Verbs;

/// <summary>What a recipe would take; nothing is executed.</summary>
public static class PlanVerb
{
    public static Command Command()
    {
        var recipe = Options.Recipe();
        var store = Options.Store();
        var fits = new Option<string?>("--fits") { Description = "Mark what is done within this time.", HelpName = "2h" };
        var naive = Options.Naive();
        var jobs = Options.Jobs();
        var (device, plain) = (Options.Device(), Options.Plain());
        var json = Options.Json();
        var (backend, profile) = (ClusterPlace.BackendOption(), ClusterPlace.ProfileOption());
        var nodes = new Option<int?>("--nodes") { Description = "With --backend slurm: nodes to count with, in place of the profile's.", HelpName = "N" };
        var command = new Command("plan", "The runs of a recipe: parameters, FLOPs, memory, predicted time.") { recipe, store, backend, profile, nodes, fits, device, plain, naive, jobs, json };
        command.SetAction(parsed => Run(
            parsed.GetValue(recipe)!, parsed.GetValue(store), new(parsed.GetValue(device)!, parsed.GetValue(plain), parsed.GetValue(naive), parsed.GetValue(jobs), Cluster(parsed.GetValue(backend)!, parsed.GetValue(profile), parsed.GetValue(nodes))),
            parsed.GetValue(fits), parsed.GetValue(json)));
        return command;
    }

    private static ClusterProfile? Cluster(string backend, string? profile, int? nodes)
    {
        if (nodes < 1) throw new InputException("--nodes", "runs need at least one node", "give 1 or more");
        var cluster = ClusterPlace.Profile(backend, profile);
        if (cluster is null && nodes is not null) throw new InputException("--nodes", "runs of this machine have one", "add --backend slurm, or leave it out");
        return cluster is null ? null : cluster with { Nodes = nodes ?? cluster.Nodes };
    }

    private static int Run(string path, string? folder, Way way, string? fits, bool json)
    {
        var cluster = way.Cluster;
        TimeSpan? limit = fits is null ? null : Options.Duration("--fits", fits);
        using var watcher = Watchers.For(json);
        var study = OpenRecipe.Read(path, watcher);
        var plan = study.Plan(way);
        var at = StoreFolder.Of(folder, study.Recipe.Name);
        var pace = PaceOf(plan, at, watcher);
        var machine = cluster is null ? Jobs.For(way.Jobs, plan, pace) : new Jobs(cluster.RoomFor(study.Recipe.Ranks ?? 1), pace?.At(1) ?? Pace.Assumed(1));
        watcher.Dispose();
        var lines = Lines(plan, machine, StoreFolder.States(at, study.Recipe.Name));
        var forecast = cluster is null ? null : ClusterForecast.Of([.. lines.Where(line => line.IsOpen).Select(line => line.Run)], machine.Pace, cluster);
        return json ? Json.Print(Document(study, lines, machine, limit, forecast)) : Print(study, lines, machine, limit, forecast);
    }

    /// <summary>The store's own, or one that is measured now and kept for a while.</summary>
    private static MachinePace? PaceOf(Plan plan, string folder, Watcher watcher)
    {
        using var store = StudyStore.Exists(folder) ? StudyStore.Read(folder) : null;
        return Paces.IfMeasurable(plan, store, watcher);
    }

    /// <summary>What was stopped early goes on only where nothing is spared.</summary>
    private static List<PlanLine> Lines(Plan plan, Jobs machine, IReadOnlyDictionary<string, RunState> states)
    {
        bool Is(PlannedRun run, RunState state) => states.TryGetValue(run.Id, out var own) && own == state;
        var lines = plan.Runs.Select(run => new PlanLine(run, machine.Pace.OwnSeconds(run), Is(run, RunState.Done), !plan.Naive && Is(run, RunState.Stopped), 0)).ToList();
        var ends = Timeline.Of(lines.Where(line => line.IsOpen).Select(line => line.Run), machine.Pace.OwnSeconds, machine.Room).ToDictionary(one => one.Run.Id, one => one.End);
        return [.. lines.Select(line => line with { End = ends.GetValueOrDefault(line.Run.Id) })];
    }

    private static int Print(OpenRecipe study, List<PlanLine> lines, Jobs machine, TimeSpan? limit, ClusterForecast? forecast)
    {
        var table = new TextTable("shape", "stage", "seed", "parameters", "steps", "FLOPs", "memory", "time", limit is null ? "" : "fits") { Words = 2 };
        foreach (var (run, seconds, done, stopped, end) in lines)
            table.Add(
                run.Name, $"{run.Stage} {run.Task} {(run.From.Length > 0 ? $"from {run.From}" : "")}".Trim(), $"{run.Seed}", Figures.Short(run.Workload.Parameters), Figures.Exact(run.Workload.Steps),
                Figures.Short(run.OwnFlops), Figures.Bytes(run.PeakBytes), done ? "done" : stopped ? "stopped" : Figures.Seconds(seconds), limit is null || done || stopped ? "" : end <= limit.Value.TotalSeconds ? "yes" : "no");
        table.Print(Console.Out);
        Console.WriteLine();
        var open = lines.Where(line => line.IsOpen).ToList();
        var early = lines.Count(line => line.Stopped);
        Console.WriteLine($"{study.Recipe.Name}: {lines.Count} runs, {lines.Count(line => line.Done)} done{(early > 0 ? $", {early} stopped early" : "")}; to do: {Figures.Short(open.Sum(line => line.Run.OwnFlops))} FLOPs, about {Figures.Seconds(Length(open))}{(Beside(open, machine) is > 1 and var jobs ? $", {jobs} runs side by side" : "")}");
        if (Saved(lines) is > 0 and var saved) Console.WriteLine($"Runs of several lengths share their beginnings: {Figures.Percent(saved)} of {Figures.Short(NaiveFlops(lines))} FLOPs are saved (--naive saves none).");
        if (limit is { } time) Console.WriteLine($"Within {Figures.Time(time)}: {open.Count(line => line.End <= time.TotalSeconds)} of these {open.Count} runs");
        if (forecast is { } cluster) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"On {cluster.Nodes} nodes of their own: {cluster.NodeHours:0.##} node-hours, about {Figures.Seconds(cluster.WallSeconds)}, {Figures.Bytes(cluster.DiskBytes)} of disk; how long jobs wait for those of others nobody knows."));
        Console.WriteLine(Paces.Words(machine.Pace));
        if (lines.Any(line => line.Run.Run.Numbers.Numerics.Device != "cpu")) Console.WriteLine("They are times of the processor: no GPU was measured.");
        return CommandLine.Success;
    }

    private static object Document(OpenRecipe study, List<PlanLine> lines, Jobs machine, TimeSpan? limit, ClusterForecast? cluster) => new
    {
        study.Recipe.Name,
        Runs = lines.Select(line => new
        {
            line.Run.Id,
            line.Run.Stage,
            line.Run.Shape,
            line.Run.Arm,
            line.Run.From,
            line.Run.Task,
            line.Run.Seed,
            line.Run.Needs,
            line.Done,
            line.Stopped,
            Fits = !line.IsOpen || limit is null || line.End <= limit.Value.TotalSeconds,
            line.End,
            line.Seconds,
            line.Run.Workload.Parameters,
            line.Run.Workload.NonEmbeddingParameters,
            line.Run.Workload.Steps,
            line.Run.Workload.Tokens,
            line.Run.Workload.ForwardFlops,
            line.Run.Workload.TrainingFlops,
            line.Run.OwnFlops,
            MemoryBytes = line.Run.PeakBytes,
            line.Run.Threads,
        }),
        Totals = new { TrainingFlops = lines.Sum(line => line.Run.OwnFlops), NaiveFlops = NaiveFlops(lines), SecondsToDo = Length(lines.Where(line => line.IsOpen)) },
        Jobs = Beside(lines, machine),
        Cluster = cluster,
        Pace = new { machine.Pace.ProductFlops, machine.Pace.BytesPerSecond, machine.Pace.LayerSeconds, machine.Pace.Measured },
    };

    private static double Length(IEnumerable<PlanLine> open) => open.Select(line => line.End).DefaultIfEmpty(0).Max();

    /// <summary>What the same results take where every run makes all of its steps.</summary>
    private static double NaiveFlops(IReadOnlyList<PlanLine> lines)
    {
        var trunks = lines.Select(line => line.Run.Branch?.Trunk).ToHashSet();
        return lines.Where(line => !trunks.Contains(line.Run.Id)).Sum(line => line.Run.Workload.TrainingFlops);
    }

    private static double Saved(IReadOnlyList<PlanLine> lines) => lines.Any(line => line.Run.Branch is not null) ? 1 - (lines.Sum(line => line.Run.OwnFlops) / NaiveFlops(lines)) : 0;

    /// <summary>How many of these runs there is room for, whatever they need.</summary>
    private static int Beside(IEnumerable<PlanLine> lines, Jobs machine)
    {
        List<PlannedRun> running = [];
        foreach (var run in lines.Select(line => line.Run))
            if (machine.Room.Takes(run, running)) running.Add(run);
        return running.Count;
    }

    /// <summary>A run with its own time, and the seconds from now at which it ends.</summary>
    private sealed record PlanLine(PlannedRun Run, double Seconds, bool Done, bool Stopped, double End)
    {
        public bool IsOpen => !Done && !Stopped;
    }
}
