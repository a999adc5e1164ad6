using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>
/// Executes runs on other machines that see the store's folder, through a <see cref="Launcher"/>. This process only submits, looks how things stand and takes over results: it may die at any time, and the next one
/// finds in the folder what was submitted and what has come of it. What the scheduler says is believed of waiting and running, never of the work.
/// </summary>
public sealed class Cluster(Launcher launcher, ClusterProfile profile, Lease lease) : Backend
{
    /// <summary>How often a task must be missed before what its files say is taken for all they will say: network file systems show another machine's files late.</summary>
    private const int TimesToMiss = 2;

    /// <summary>How often a file that belongs to a result is looked for.</summary>
    private const int TimesToSee = 8;

    private const string WithoutAWord = "it ended without a word";

    /// <summary>By how much a clock must differ for it to be told.</summary>
    private static readonly TimeSpan LeastSkew = TimeSpan.FromMinutes(1);

    private readonly Queue<RunEnd> ends = new();
    private readonly List<ClusterRun> arrived = [];
    private readonly Dictionary<string, ClusterRun> open = [];
    private readonly HashSet<string> told = [];
    private List<ClusterRun> queued = [];
    private StudyStore? store;
    private Desk? desk;
    private Submitter? submitter;
    private Board? board;

    public override bool OrdersRuns => true;

    public override void Start(PlannedRun run, StudyStore store, Desk desk)
    {
        (this.store, this.desk) = (store, desk);
        submitter ??= new(launcher, profile, store, desk);
        var entry = new ClusterRun(run, store.Folder);
        if (entry.Folder.Decision is not { } decided) arrived.Add(entry);
        else if (!IsTakenOver(run.Id, decided)) ends.Enqueue(TakeOver(entry));
        else
        {
            entry.Folder.Reopen(); // it has failed and is tried again, or its model is gone
            arrived.Add(entry);
        }
    }

    public override RunEnd Next()
    {
        board ??= new Board(store!);
        while (true)
        {
            if (ends.TryDequeue(out var end))
            {
                if (end.State != RunState.Waiting) board.Ended(end);
                return end;
            }
            if (desk!.Stop.IsCancellationRequested) Stop();
            if (!lease.IsHeld) throw new RunFailedException(store!.Folder, "another process has taken over this study, since this one stood still", "leave it to that one; nothing is lost");
            Look(launcher.States());
            Submit();
            board.Write();
            if (ends.Count == 0) desk.Stop.WaitHandle.WaitOne(profile.Poll);
        }
    }

    /// <summary>Takes back what a cluster was given, for who executes it here: a task that waits finds no order, one that runs is refused from now on, and what they have saved or ended is the store's.</summary>
    public static void TakeBack(StudyStore store, IEnumerable<PlannedRun> runs)
    {
        foreach (var run in runs.Where(run => store.StateOf(run.Id).State != RunState.Done))
        {
            var folder = new RunFolder(store.Folder, run.Id);
            if (!Directory.Exists(folder.Folder)) continue;
            File.Delete(folder.Order); // a kill behind this is mended by the next that comes: all of it may be done twice
            var fence = Fence(folder, store);
            if (folder.Decision is null) Keep(folder, fence, store, new(run, RunState.Interrupted, WithoutAWord));
            else TakeOver(folder, run, store);
            if (store.StateOf(run.Id).State == RunState.Failed) folder.Reopen(); // whoever tries it again is not told that it has ended
        }
    }

    public override void Dispose()
    {
        board?.Write(now: true);
        base.Dispose();
    }

    private bool IsTakenOver(string run, int attempt) => store!.Attempts(run).Any(known => known.Number == attempt && known.State is RunState.Done or RunState.Failed);

    /// <summary>Finds runs again that an earlier coordinator has submitted; the others are queued.</summary>
    private void Settle(IReadOnlyList<TaskState> states)
    {
        if (arrived.Count == 0) return;
        var alive = states.Where(state => state.Phase != TaskPhase.Ended).ToLookup(state => state.Mark);
        var tasks = new Dictionary<string, (string, int)>();
        foreach (var folder in SubmissionFolder.All(store!.Folder))
            foreach (var state in alive[folder.Mark])
            {
                if (folder.JobName is null) folder.Submitted(state.Job);
                if (folder.Runs.TryGetValue(state.Task, out var run)) tasks[run] = (state.Job, state.Task);
            }
        foreach (var entry in arrived)
        {
            open[entry.Run.Id] = entry;
            if (tasks.TryGetValue(entry.Run.Id, out var task)) entry.Task = task;
            else queued.Add(entry);
        }
        arrived.Clear();
    }

    private void Look(IReadOnlyList<TaskState>? states)
    {
        if (states is null)
        {
            Say("the scheduler does not answer; what runs goes on, and it is asked again");
            return;
        }
        Settle(states);
        var byTask = states.GroupBy(state => (state.Job, state.Task)).ToDictionary(group => group.Key, group => group.Last());
        foreach (var entry in open.Values.Where(entry => entry.Task is not null).ToList())
            Look(entry, byTask.GetValueOrDefault(entry.Task!.Value));
        Show();
    }

    private void Look(ClusterRun entry, TaskState? state)
    {
        switch (state?.Phase)
        {
            case TaskPhase.Waiting:
                entry.TimesMissed = 0;
                if (entry.IsRunning) Watch(entry, state.Node); // it was requeued
                break;
            case TaskPhase.Running:
                entry.TimesMissed = 0;
                Watch(entry, state.Node);
                break;
            case TaskPhase.Held:
                Say($"{entry.Run}: Slurm holds it ({state.Reason}); it is taken out and submitted again");
                launcher.Cancel([$"{state.Job}_{state.Task}"], onlyWaiting: false);
                Missed(entry, state);
                break;
            default:
                Missed(entry, state);
                break;
        }
    }

    /// <summary>What an attempt has measured is in the store while it runs, as if this machine made it: one that is followed counts no more. When the run has ended all is taken over anew.</summary>
    private void Watch(ClusterRun entry, string node)
    {
        if (entry.LastAttempt() is not { State: not (RunState.Done or RunState.Failed) } attempt) return;
        if (!entry.IsRunning && attempt.Ended is null) Began(entry, attempt, node);
        var (measured, place) = entry.Folder.MeasuredSince(attempt.Number, entry.Watched?.Number == attempt.Number ? entry.WatchedTo : 0);
        if (entry.Watched != attempt || measured.Count > 0) store!.Watch(new(attempt, measured, []));
        (entry.Watched, entry.WatchedTo) = (attempt, place);
    }

    private void Began(ClusterRun entry, Attempt attempt, string node)
    {
        entry.IsRunning = true;
        desk!.Watcher.RunStarted(entry.Run, attempt.FromStep);
        var started = DateTimeOffset.FromUnixTimeMilliseconds((long)(1000 * attempt.Started));
        if (started - DateTimeOffset.UtcNow is var ahead && ahead > LeastSkew) TellSkew(ahead, "ahead of");
        else if (entry.Submitted - started is { } behind && behind > LeastSkew) TellSkew(behind, "behind");

        void TellSkew(TimeSpan skew, string where) => Say($"the clock of {node} is {TimeSpan.FromSeconds(Math.Round(skew.TotalSeconds))} {where} this machine's: times in reports are off by that, results are not", about: $"the clock of {node}");
    }

    /// <summary>The scheduler has a task no more: its files say what has come of it.</summary>
    private void Missed(ClusterRun entry, TaskState? state)
    {
        if (entry.Folder.Decision is not null)
        {
            entry.Folder.Settle();
            if (entry.Folder.Lacking() is null || ++entry.TimesMissed > TimesToSee) End(entry, TakeOver(entry));
        }
        else if (++entry.TimesMissed < TimesToMiss) return;
        else if (!entry.HasStarted && !RunOrder.IsReady(entry.Run, store!.Folder)) End(entry, new(entry.Run, RunState.Waiting, "what it needs has not ended well"));
        else if (entry.LastAttempt() is { State: RunState.Paused } paused) End(entry, GiveBack(entry, new(entry.Run, RunState.Paused, paused.Reason)));
        else TryAgain(entry, state);
    }

    private void TryAgain(ClusterRun entry, TaskState? state)
    {
        var attempt = entry.LastAttempt();
        var step = Math.Max(attempt?.FromStep ?? 0, SavedSteps(entry));
        entry.Fruitless = step > entry.Furthest ? 0 : entry.Fruitless + 1;
        entry.Furthest = Math.Max(step, entry.Furthest);
        var reason = attempt?.Reason ?? (attempt is null ? "it was not started" : WithoutAWord);
        if (state is not null) reason += $" ({state.Word}{(state.Node.Length > 0 ? $" on {state.Node}" : "")}{(state.Reason is "None" or "" ? "" : $", {state.Reason}")})";
        if (entry.Fruitless >= profile.Tries)
        {
            End(entry, GiveBack(entry, new(entry.Run, RunState.Interrupted, $"{reason}; tried {profile.Tries} times without getting further, see {LogOf(entry)}")));
            return;
        }
        if (attempt?.Reason != RunAttempt.Stopped) Say($"{entry.Run}: {reason}; it is submitted again");
        // Of several processes nobody knows which node it was.
        if (entry is { Fruitless: > 0, Run.Ranks: 1 } && state is { Node.Length: > 0 }) entry.Avoid.Add(state.Node);
        entry.Task = null;
        queued.Add(entry);
    }

    private static long SavedSteps(ClusterRun entry)
    {
        for (var attempt = entry.Folder.LastClaim; attempt > 0; attempt--)
            if (Execution.SavedSteps(entry.Folder.WorkOf(attempt)) is > 0 and var step) return step;
        return 0;
    }

    private string LogOf(ClusterRun entry) => SubmissionFolder.All(store!.Folder).LastOrDefault(folder => folder.JobName == entry.Task?.Job) is { } submission
        ? Path.Combine(submission.Folder, $"{entry.Task!.Value.Task}.log")
        : SubmissionFolder.Root(store.Folder);

    private void End(ClusterRun entry, RunEnd end)
    {
        open.Remove(entry.Run.Id);
        ends.Enqueue(end);
    }

    /// <summary>The run's result becomes the store's.</summary>
    private RunEnd TakeOver(ClusterRun entry) => TakeOver(entry.Folder, entry.Run, store!);

    private static RunEnd TakeOver(RunFolder folder, PlannedRun run, StudyStore store)
    {
        folder.Settle();
        if (folder.Lacking() is { } file) throw new InputException(file, $"it belongs to what {run} has made, and is missing or cut short; nothing of that was taken over", $"copy the whole store again where it was copied in part, or delete {folder.Folder} to have the run done again, and run the same command again");
        var attempts = Ended(folder, RunState.Interrupted, WithoutAWord);
        store.TakeOver(attempts);
        folder.Clean(folder.LastClaim + 1);
        var decided = attempts[^1].Attempt;
        return new(run, decided.State, decided.Reason);
    }

    /// <summary>A run that is not decided: nobody goes on with it from here, and what it has saved is where any backend finds it.</summary>
    private RunEnd GiveBack(ClusterRun entry, RunEnd end)
    {
        var fence = Fence(entry.Folder, store!);
        if (entry.Folder.Decision is not null) return TakeOver(entry); // it came to its end at the last moment
        Keep(entry.Folder, fence, store!, end);
        return end;
    }

    /// <summary>An attempt that nobody makes: those before it are refused from now on.</summary>
    private static int Fence(RunFolder folder, StudyStore store) => folder.Claim(store.Attempts(folder.Run) is [.., var last] ? last.Number : 0);

    private static void Keep(RunFolder folder, int fence, StudyStore store, RunEnd end)
    {
        var gathered = folder.Gather(fence, store.ArtifactsOf(folder.Run));
        store.TakeOver([.. Ended(folder, end.State, end.Reason).Select(record => record with { Artifacts = gathered })]);
        folder.Clean(fence);
    }

    /// <summary>All attempts at a run; those that have not told how they ended have ended so.</summary>
    private static IReadOnlyList<AttemptRecord> Ended(RunFolder folder, RunState state, string? reason) =>
        [.. folder.Attempts().Select(record => record.Attempt.Ended is null ? record with { Attempt = record.Attempt with { Ended = record.Attempt.Started, State = state, Reason = reason } } : record)];

    private void Submit()
    {
        if (queued.Count == 0) return;
        foreach (var entry in queued) entry.Task = null;
        (var left, var why) = submitter!.Submit(queued, open);
        queued = [.. left];
        if (why is null) return;
        if (open.Values.All(entry => entry.Task is null) && !IsUnreachable(why)) throw new RunFailedException("slurm", $"it takes no job of this study: {why}", "wait until your other jobs have ended, or ask for a larger quota, and run the same command again");
        Say($"{queued.Count} runs wait to be submitted: {why}");
    }

    private bool IsUnreachable(string why) => launcher.States() is null || why.Contains("contact", StringComparison.Ordinal);

    /// <summary>After `cancel` all runs are stopped and given back; after Ctrl-C they go on without this process.</summary>
    private void Stop()
    {
        if (!CancelWish.IsMade(store!.Folder)) throw new OperationCanceledException($"What was submitted goes on. The same command comes back to it; `allometry cancel {store.Folder}` stops it.");
        if (arrived.Count > 0 && launcher.States() is { } standing) Settle(standing); // an earlier coordinator's tasks are stopped too
        var jobs = open.Values.Where(entry => entry.Task is not null).Select(entry => entry.Task!.Value).Select(task => $"{task.Job}_{task.Task}").ToList();
        launcher.Cancel(jobs, onlyWaiting: true);
        var patience = System.Diagnostics.Stopwatch.StartNew();
        // Those that run see the wish in the folder, save and end.
        while (launcher.States() is not { } states || states.Any(state => state.Phase != TaskPhase.Ended && jobs.Contains($"{state.Job}_{state.Task}")))
        {
            if (patience.Elapsed > TimeSpan.FromMinutes(2)) launcher.Cancel(jobs, onlyWaiting: false);
            Thread.Sleep(TimeSpan.FromSeconds(Math.Min(2, profile.Poll.TotalSeconds)));
        }
        foreach (var entry in open.Values.Concat(arrived).ToList())
            End(entry, entry.Folder.Decision is not null ? TakeOver(entry) : GiveBack(entry, new(entry.Run, RunState.Interrupted, RunAttempt.Stopped)));
        arrived.Clear();
        queued.Clear();
    }

    /// <summary>What runs, as far as a person can read it.</summary>
    private void Show()
    {
        foreach (var entry in open.Values.Where(entry => entry.IsRunning).Take(20))
            if (RunTelling.Read(entry.Folder) is { } progress) desk!.Watcher.Stepped(entry.Run, progress);
    }

    /// <summary>Once, however often it is found.</summary>
    private void Say(string what, string? about = null)
    {
        if (told.Add(about ?? what)) desk!.Watcher.Noted(what);
    }
}
