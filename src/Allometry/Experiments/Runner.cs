using System.Diagnostics;
using Allometry.Files;
using Allometry.Store;

namespace Allometry.Experiments;

/// <summary>
/// Executes what is missing of a plan, each run after those it needs, as many side by side as there is room for. A run that fails stops only those that need it.
/// </summary>
public sealed class Runner(Plan plan, StudyStore store, Backend backend, Desk desk)
{
    private readonly Dictionary<string, string> notDone = [];
    private readonly Dictionary<PlannedRun, Stopwatch> running = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> done = [];
    private double predicted, measured;

    private Room Room => desk.Options.Room ?? Room.ForOne;

    public StudyOutcome Run()
    {
        var started = DateTime.UtcNow;
        store.Add(plan.Runs.Select(Stored));
        foreach (var folder in plan.Runs.Select(run => store.ArtifactsOf(run.Id)).Prepend(store.Folder)) AtomicFile.Sweep(folder);
        var missing = Missing();
        done.UnionWith(plan.Runs.Except(missing).Select(run => run.Id).Where(id => !notDone.ContainsKey(id)));
        desk.Watcher.Started(Progress());
        Work(new Waiting(missing));
        ForgetTrunks();
        var failed = plan.Runs.Where(run => notDone.ContainsKey(run.Id)).Select(run => (run, notDone[run.Id])).ToList();
        return new(missing.Count(run => done.Contains(run.Id)), done.Count, failed, DateTime.UtcNow - started);
    }

    private StoredRun Stored(PlannedRun run, int position) => new(run.Id, position, RunRecord.Of(run).ToJson(), RunPrediction.Of(run, desk.Options.Pace).ToJson());

    /// <summary>What is not done yet, and what is done but whose model is needed and gone.</summary>
    private List<PlannedRun> Missing()
    {
        HashSet<string> needed = [];
        List<PlannedRun> missing = [];
        foreach (var run in plan.Runs.Reverse().Where(run => IsMissing(run) || (needed.Contains(run.Id) && Execution.HasLost(store, run.Id))))
        {
            missing.Insert(0, run);
            needed.UnionWith(run.Run.Needs);
        }
        missing.RemoveAll(run => IsTrunk(run) && !missing.Any(branch => branch.Branch?.Trunk == run.Id));
        return missing;
    }

    /// <summary>What was kept for runs that begin there, once all of them are done.</summary>
    private void ForgetTrunks()
    {
        foreach (var trunk in plan.Runs.Where(run => run.Branch is not null).GroupBy(run => run.Branch!.Trunk).Where(branches => branches.All(run => done.Contains(run.Id))))
            foreach (var run in trunk) Execution.Forget(store, run.Branch!);
    }

    private bool IsTrunk(PlannedRun run) => plan.Runs.Any(branch => branch.Branch?.Trunk == run.Id);

    private bool IsMissing(PlannedRun run)
    {
        var (state, reason) = store.StateOf(run.Id);
        if (state == RunState.Done) Execution.Forget(store, run.Id); // a kill may have come between the two
        if (state == RunState.Failed && !desk.Options.Retry) notDone[run.Id] = reason ?? "failed";
        return state != RunState.Done && !notDone.ContainsKey(run.Id);
    }

    /// <summary>Until nothing waits, or a stop is asked for and all that were started have saved.</summary>
    private void Work(Waiting waiting)
    {
        while (true)
        {
            while (!desk.Stop.IsCancellationRequested && waiting.Take(running.Keys, Room) is { } next) Start(next);
            if (running.Count == 0) break;
            End(backend.Next());
        }
        desk.Stop.ThrowIfCancellationRequested();
    }

    private void Start(PlannedRun run)
    {
        if (run.Needs.FirstOrDefault(notDone.ContainsKey) is { } need)
        {
            End(RunAttempt.Skip(run, store, need));
            return;
        }
        running.Add(run, Stopwatch.StartNew());
        backend.Start(run, store, desk);
    }

    private void End(RunEnd end)
    {
        running.Remove(end.Run);
        if (end.State == RunState.Done) Learn(end.Run);
        else notDone[end.Run.Id] = end.Reason ?? end.State.ToString();
        desk.Watcher.RunEnded(end.Run, end.State, end.Reason, Progress());
    }

    /// <summary>Sets what a run took against what was predicted, so that the time left becomes true.</summary>
    private void Learn(PlannedRun run)
    {
        done.Add(run.Id);
        if (desk.Options.Pace is not { } pace) return;
        predicted += pace.Seconds(run);
        measured += store.Measurements(run.Id).Where(m => m.Name == "seconds").Select(m => m.Value).LastOrDefault();
    }

    private StudyProgress Progress()
    {
        var waiting = plan.Runs.Where(run => !done.Contains(run.Id) && !notDone.ContainsKey(run.Id) && !running.ContainsKey(run));
        return new(done.Count, plan.Runs.Count, TimeSpan.FromSeconds(Timeline.Length(waiting, Left, Room, running.Keys)));
    }

    private double Left(PlannedRun run)
    {
        var whole = (desk.Options.Pace?.OwnSeconds(run) ?? 0) * (predicted > 0 ? measured / predicted : 1);
        return running.TryGetValue(run, out var since) ? Math.Max(0, whole - since.Elapsed.TotalSeconds) : whole;
    }
}
