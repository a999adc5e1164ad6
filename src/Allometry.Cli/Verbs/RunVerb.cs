using System.CommandLine;
using Allometry.Backends;
using Allometry.Cli.Progress;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Ranks;
using Allometry.Store;

namespace Allometry.Cli.Verbs;

/// <summary>Executes what is missing of a recipe and writes the report.</summary>
public static class RunVerb
{
    public static Command Command()
    {
        var recipe = Options.Recipe();
        var store = Options.Store();
        var jobs = Options.Jobs();
        var (device, plain) = (Options.Device(), Options.Plain());
        var naive = Options.Naive();
        var every = new Option<string>("--checkpoint-every") { Description = "Time between checkpoints: what a kill can lose.", HelpName = "60s", DefaultValueFactory = _ => "60s" };
        var retry = new Option<bool>("--retry") { Description = "Try runs again that have failed." };
        var json = Options.Json();
        var (backend, profile) = (ClusterPlace.BackendOption(), ClusterPlace.ProfileOption());
        var detach = new Option<bool>("--detach") { Description = "With --backend slurm: go on without this terminal." };
        var command = new Command("run", "Executes what is missing of a recipe; ends by printing the path of the report.") { recipe, store, backend, profile, detach, jobs, device, plain, naive, every, retry, json };
        command.SetAction(parsed =>
        {
            var way = new Way(parsed.GetValue(device)!, parsed.GetValue(plain), parsed.GetValue(naive), parsed.GetValue(jobs), ClusterPlace.Profile(parsed.GetValue(backend)!, parsed.GetValue(profile)));
            if (parsed.GetValue(detach)) return Detach(parsed.GetValue(recipe)!, parsed.GetValue(store), way, [.. parsed.Tokens.Select(token => token.Value)]);
            int Lead(Peers peers) => Run(peers, parsed.GetValue(recipe)!, parsed.GetValue(store), way, new(Options.Duration("--checkpoint-every", parsed.GetValue(every)!), parsed.GetValue(retry)), parsed.GetValue(json));
            return way.Cluster is null ? Team.Run(parsed.GetValue(recipe)!, Lead) : Lead(Peers.Alone);
        });
        return command;
    }

    private static int Detach(string path, string? folder, Way way, IReadOnlyList<string> arguments)
    {
        if (way.Cluster is null) throw new InputException("--detach", "runs of this machine end with their terminal", "add --backend slurm, or leave it out");
        return ClusterPlace.Detach(StoreFolder.Of(folder, Reader.ReadFile<Recipe>(path).Name), [.. arguments.Where(argument => argument != "--detach")]);
    }

    private static int Run(Peers peers, string path, string? folder, Way way, RunnerOptions options, bool json)
    {
        using var stop = new StopSignal();
        using var watcher = Watchers.For(json);
        var study = OpenRecipe.Read(path, watcher);
        var plan = study.Plan(way);
        var desk = new Desk(study.Materials, watcher, options, stop.Token);
        var at = StoreFolder.Of(folder, study.Recipe.Name);
        using var lease = way.Cluster is null && !ClusterPlace.Has(at) ? null : ClusterPlace.Take(at);
        var done = StoreFolder.Done(at, study.Recipe.Name);
        desk.Prepare(plan.Runs.Where(run => !done.Contains(run.Id)));
        using var store = StudyStore.Open(at);
        if (way.Cluster is null && ClusterPlace.Has(at)) Cluster.TakeBack(store, plan.Runs);
        using var cancel = new CancelRequest(at, stop.Request);
        var measured = plan.Runs.All(run => done.Contains(run.Id)) ? Paces.Known(plan, store) : Paces.Measured(plan, store, watcher);
        var jobs = way.Cluster is { } cluster ? new Jobs(cluster.RoomFor(study.Recipe.Ranks ?? 1), measured?.At(1) ?? Pace.Assumed(1)) : Jobs.For(way.Jobs, plan, measured);
        StudyFacts.Write(store, plan, study.Yaml, Again(study.Path, way, study.Recipe.Ranks ?? 1), jobs.Pace);
        using Backend backend = way.Cluster is { } profile ? new Cluster(profile.Launcher(WorkerVerb.Start), profile, lease!) : peers.Count > 1 ? new Together(peers) : new Processes(WorkerVerb.Start);
        var outcome = Execute(plan, store, backend, desk with { Options = options with { Pace = jobs.Pace, Room = peers.Count > 1 ? Room.ForOne : jobs.Room } });
        watcher.Dispose();
        var report = ReportFiles.Write(store, Path.Combine(store.Folder, "report"));
        return json ? PrintJson(store, report, outcome) : Print(outcome, store.Current().Count - plan.Runs.Count, report);
    }

    private static StudyOutcome Execute(Plan plan, StudyStore store, Backend backend, Desk desk)
    {
        try { return new Runner(plan, store, backend, desk).Run(); }
        catch (OperationCanceledException stopped)
        {
            (desk.Watcher as IDisposable)?.Dispose();
            Console.Error.WriteLine(backend is Cluster && !CancelWish.IsMade(store.Folder) ? stopped.Message : $"Stopped; what was done is saved in {store.Folder}. The same command goes on from there.");
            throw;
        }
    }

    /// <summary>What a person types to do this again.</summary>
    private static string Again(string path, Way way, int ranks) =>
        $"{(ranks > 1 && way.Cluster is null ? $"mpirun -n {ranks} " : "")}allometry run {Path.GetFileName(path)}{(way.Naive ? " --naive" : "")}{(way.Plain ? " --plain" : "")}{(way.Device == "cpu" ? "" : $" --device {way.Device}")}";

    private static int Print(StudyOutcome outcome, int earlier, string report)
    {
        foreach (var (run, reason) in outcome.NotDone) Console.Error.WriteLine(new Problem($"{run} ({run.Id})", reason, "see the report; --retry tries failed runs again"));
        if (outcome.Stopped.Count > 0) Console.WriteLine($"{outcome.Stopped.Count} runs are stopped early, since they cannot win; --naive would let them go on.");
        Console.WriteLine(outcome is { Executed: 0, Complete: true }
            ? $"Nothing to do: {outcome.Done} of {Total(outcome)} runs are done."
            : $"{outcome.Done} of {Total(outcome)} runs are done, {outcome.Executed} of them executed now, in {Figures.Time(outcome.Elapsed)}.");
        if (earlier > 0) Console.WriteLine($"{earlier} runs of an earlier form of the recipe are done as well, and stay in the report.");
        Console.WriteLine(report);
        return outcome.Complete ? CommandLine.Success : CommandLine.Failed;
    }

    private static int Total(StudyOutcome outcome) => outcome.Done + outcome.NotDone.Count + outcome.Stopped.Count;

    private static int PrintJson(StudyStore store, string report, StudyOutcome outcome)
    {
        foreach (var (run, reason) in outcome.NotDone) Console.Error.WriteLine(new Problem($"{run} ({run.Id})", reason, "see the report; --retry tries failed runs again"));
        Json.Print(new
        {
            Store = Path.GetFullPath(store.Folder),
            Report = report,
            outcome.Executed,
            outcome.Done,
            Seconds = outcome.Elapsed.TotalSeconds,
            Stopped = outcome.Stopped.Select(run => new { run.Run.Id, run.Run.Shape, run.Run.Stage, run.Run.Task, run.Run.From, run.Run.Seed, run.Reason }),
            NotDone = outcome.NotDone.Select(run => new { run.Run.Id, run.Run.Shape, run.Run.Stage, run.Run.Task, run.Run.From, run.Run.Seed, run.Reason }),
        });
        return outcome.Complete ? CommandLine.Success : CommandLine.Failed;
    }
}
