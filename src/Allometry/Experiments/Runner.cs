using System.Diagnostics;
using Allometry.Analysis;
using Allometry.Files;
using Allometry.Store;

namespace Allometry.Experiments;

/// <summary>
/// Executes what is missing of a plan, each run after those it needs, as many side by side as there is room for. A run that fails stops only those that need it; those that the recipe's stopping rule gives up
/// are stopped with what needs them.
/// </summary>
public sealed class Runner(Plan plan, StudyStore store, Backend backend, Desk desk)
{
    // How many runs of an earlier sitting tell how long those to come will take.
    private const int Telling = 50;

    private readonly Dictionary<string, string> notDone = [], stopped = [], tried = [];
    private readonly Dictionary<PlannedRun, Stopwatch> running = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> done = [];
    private readonly HashSet<string> trunks = [.. plan.Runs.Select(run => run.Branch?.Trunk).OfType<string>()];
    private readonly Contest? contest = Contest.Of(plan, store);
    private readonly Stopwatch sinceForeseen = new();
    private TimeSpan foreseen;
    private double predicted, measured;

    private Room Room => desk.Options.Room ?? Room.ForOne;

    private Room RoomToStart => backend.OrdersRuns ? Room.Endless : Room;

    public StudyOutcome Run()
    {
        var started = DateTime.UtcNow;
        store.Add(plan.Runs.Select(Stored));
        foreach (var folder in plan.Runs.Select(run => store.ArtifactsOf(run.Id)).Prepend(Path.Combine(store.Folder, "artifacts")).Prepend(store.Folder)) AtomicFile.Sweep(folder);
        var missing = Missing();
        var before = plan.Runs.Except(missing).Where(run => !HasEnded(run.Id)).ToList();
        done.UnionWith(before.Select(run => run.Id));
        foreach (var run in before.TakeLast(Telling)) Learn(run);
        desk.Watcher.Started(Progress());
        Work(new Waiting(missing.OrderByDescending(run => contest?.ComesFirst(run) ?? false)));
        ForgetTrunks();
        return new(missing.Count(run => done.Contains(run.Id)), done.Count, Ended(notDone), Ended(stopped), DateTime.UtcNow - started);
    }

    private List<(PlannedRun, string)> Ended(Dictionary<string, string> reasons) => [.. plan.Runs.Where(run => reasons.ContainsKey(run.Id)).Select(run => (run, reasons[run.Id]))];

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

    private bool IsTrunk(PlannedRun run) => trunks.Contains(run.Id);

    private bool IsMissing(PlannedRun run)
    {
        var (state, reason) = store.StateOf(run.Id);
        if (state == RunState.Done) Execution.Forget(store, run.Id); // a kill may have come between the two
        if (state == RunState.Failed && !desk.Options.Retry) (IsTry(run) ? tried : notDone)[run.Id] = reason ?? "failed";
        return state != RunState.Done && !HasEnded(run.Id);
    }

    /// <summary>A setting with which training diverges is found out, not failed: those that wait for the sweep go on without it.</summary>
    private static bool IsTry(PlannedRun run) => run.Stage == StudyRun.Sweep;

    private bool HasEnded(string id) => done.Contains(id) || notDone.ContainsKey(id) || stopped.ContainsKey(id) || tried.ContainsKey(id);

    /// <summary>Until nothing waits, or a stop is asked for and all that were started have saved.</summary>
    private void Work(Waiting waiting)
    {
        while (true)
        {
            GiveUp(waiting);
            while (!desk.Stop.IsCancellationRequested && waiting.Take(running.Keys, RoomToStart, run => contest?.MayStart(run) ?? true, backend.OrdersRuns) is { } next) Start(next);
            if (running.Count == 0) break;
            End(backend.Next(), waiting);
        }
        desk.Stop.ThrowIfCancellationRequested();
    }

    /// <summary>What cannot win any more waits no longer.</summary>
    private void GiveUp(Waiting waiting)
    {
        if (contest is null) return;
        foreach (var (run, reason) in contest.Decide(run => notDone.ContainsKey(run.Id)).Where(one => !done.Contains(one.Run.Id)).ToList())
        {
            waiting.Remove(run);
            End(RunAttempt.GiveUp(run, store, reason), waiting);
        }
    }

    private void Start(PlannedRun run)
    {
        if (InTheWay(run) is { } end)
        {
            End(end);
            return;
        }
        run = contest?.Next(run) ?? run;
        running.Add(run, Stopwatch.StartNew());
        backend.Start(run, store, desk);
    }

    /// <summary>How a run ends that cannot be started, since one that it needs has not ended well; null where it can. What a trunk has kept is there whatever became of it.</summary>
    private RunEnd? InTheWay(PlannedRun run)
    {
        var needs = run.Branch is { } branch && Execution.HasKept(store, branch) ? run.Run.Needs : run.Needs;
        if (needs.FirstOrDefault(stopped.ContainsKey) is { } given) return RunAttempt.GiveUp(run, store, $"it needs the run {given}, which was stopped early");
        return needs.FirstOrDefault(notDone.ContainsKey) is { } need ? RunAttempt.Skip(run, store, need) : null;
    }

    private void End(RunEnd end, Waiting? waiting = null)
    {
        running.Remove(end.Run);
        switch (end.State)
        {
            case RunState.Done:
                Learn(end.Run);
                break;
            case RunState.Paused or RunState.Waiting:
                waiting?.Return(end.Run);
                break;
            case RunState.Failed when IsTry(end.Run):
                tried[end.Run.Id] = end.Reason ?? "";
                break;
            case RunState.Stopped:
                stopped[end.Run.Id] = end.Reason ?? "";
                break;
            default:
                notDone[end.Run.Id] = end.Reason ?? end.State.ToString();
                break;
        }
        desk.Watcher.RunEnded(end.Run, end.State, end.Reason, Progress());
    }

    /// <summary>What was kept for runs that begin there, once all of them are done.</summary>
    private void ForgetTrunks()
    {
        foreach (var trunk in plan.Runs.Where(run => run.Branch is not null).GroupBy(run => run.Branch!.Trunk).Where(branches => branches.All(run => done.Contains(run.Id))))
            foreach (var run in trunk) Execution.Forget(store, run.Branch!);
    }

    /// <summary>Sets what a run took against what was predicted, so that the time left becomes true.</summary>
    private void Learn(PlannedRun run)
    {
        done.Add(run.Id);
        if (desk.Options.Pace is not { } pace) return;
        predicted += pace.Seconds(run);
        measured += new StudyLook(store).Last(run.Id, "seconds")?.Value ?? 0;
    }

    private StudyProgress Progress()
    {
        // What is left is looked at again every few seconds: for thousands of runs that takes a moment.
        if (sinceForeseen is { IsRunning: true, Elapsed.TotalSeconds: < 5 } && plan.Runs.Count > 100) return new(done.Count, plan.Runs.Count, foreseen - sinceForeseen.Elapsed);
        sinceForeseen.Restart();
        var running = this.running.Keys.Select(run => run.Id).ToHashSet();
        var waiting = plan.Runs.Where(run => !HasEnded(run.Id) && (backend.OrdersRuns || !running.Contains(run.Id)));
        foreseen = TimeSpan.FromSeconds(Timeline.Length(waiting, Left, Room, backend.OrdersRuns ? [] : this.running.Keys));
        return new(done.Count, plan.Runs.Count, foreseen);
    }

    private double Left(PlannedRun run)
    {
        var whole = (desk.Options.Pace?.OwnSeconds(run) ?? 0) * (predicted > 0 ? measured / predicted : 1);
        return !backend.OrdersRuns && running.TryGetValue(run, out var since) ? Math.Max(0, whole - since.Elapsed.TotalSeconds) : whole;
    }
}
