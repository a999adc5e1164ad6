using System.Text.Json;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Native;
using Allometry.Ranks;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>The side of <see cref="Cluster"/> that runs on a node: executes the run that a task of a submission is, and leaves all that is to be known of it in the run's folder.</summary>
public static class ClusterWorker
{
    /// <summary>Exit codes: its scheduler starts what waits for success only after 0; <see cref="GoOn"/> asks to be started again, <see cref="Broken"/> is the end of one process alone.</summary>
    public const int Done = 0, NotDone = 2, Broken = 3, NotReady = 97, Paused = 98, GoOn = Slurm.SlurmScript.Requeue;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <param name="told">Where the first of several processes writes the exit code: what starts them together ends those that are not yet gone when one ends with another code than 0.</param>
    public static int Serve(string submission, int task, string? told, CancellationTokenSource stop)
    {
        var store = Path.GetFullPath(Path.Combine(submission, "..", ".."));
        var folder = new RunFolder(store, SubmissionFolder.RunOf(submission, task));
        var order = RunOrder.Read(folder);
        var run = order.Planned;
        if (run.Ranks == 1) return Lead(order, run, folder, store, Peers.Alone, stop);
        var peers = MpiPeers.Join(run.Ranks);
        if (!peers.IsFirst) Follow(peers, stop.Token);
        else if (Lead(order, run, folder, store, peers, stop) is var code && code == Broken) return code; // the others wait for it: they are ended with it
        else
        {
            AtomicFile.WriteText(told ?? throw new ArgumentNullException(nameof(told)), $"{code}\n");
            peers.Tell(Together.NoMore);
        }
        peers.Dispose();
        return Done;
    }

    private static int Lead(RunOrder order, PlannedRun run, RunFolder folder, string store, Peers peers, CancellationTokenSource stop)
    {
        folder.Settle();
        if (folder.Decision is { } decided) return folder.Told(decided)?.State == RunState.Done ? Done : NotDone;
        if (CancelWish.IsMade(store)) return NotDone;
        if (!RunOrder.IsReady(run, store)) return NotReady;
        using var timer = new Timer(_ => { if (CancelWish.IsMade(store)) stop.Cancel(); }, null, Every, Every);
        return Code(Attempt(order, run, store, peers, stop.Token), CancelWish.IsMade(store));
    }

    /// <summary>A stop is one of all: after it the first one tells that there is nothing more to do.</summary>
    private static void Follow(Peers peers, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                Together.Follow(peers, stop);
                return;
            }
            catch (OperationCanceledException) { }
        }
    }

    private static RunEnd Attempt(RunOrder order, PlannedRun run, string store, Peers peers, CancellationToken stop)
    {
        Libtorch.EnsureLoaded();
        var job = order.Job;
        using var files = AttemptFiles.Claim(store, run.Id, order.Known, order.Sweep);
        try
        {
            var materials = Materials.Reopen(run.Run.Vocabulary, job.Folder, job.Cache);
            var before = Execution.SavedSteps(files.WorkOf(run.Id));
            var end = Together.Lead(peers, job, run, files, new(materials, new RunTelling(files.Progress), new(job.CheckpointEvery, Pace: job.Pace), stop));
            // Slurm would start it again and again: the coordinator counts how often it was in vain.
            return end.Reason == RunAttempt.Stopped && Execution.SavedSteps(files.WorkOf(run.Id)) == before && !CancelWish.IsMade(store)
                ? GivenUp(run, files, $"it was stopped before it came further than step {before}; a longer `time` in the profile may let it")
                : end;
        }
        catch (Exception error) when (error is InputException || FileSystem.IsDiskFull(error))
        {
            // Another node may have the file or the room; what is done is saved.
            return GivenUp(run, files, $"{Environment.MachineName}: {error.Message}");
        }
    }

    private static RunEnd GivenUp(PlannedRun run, AttemptFiles files, string reason)
    {
        Console.Error.WriteLine(reason);
        Materials.Tried(() => files.GiveUp(reason, JsonSerializer.Serialize(Machine.This), Machine.This.Version));
        return new(run, RunState.Interrupted, reason);
    }

    private static int Code(RunEnd end, bool cancelled)
    {
        Console.Error.WriteLine($"{end.Run}: {end.State.ToString().ToLowerInvariant()}{(end.Reason is null ? "" : $" ({end.Reason})")}");
        return end switch
        {
            { State: RunState.Done } => Done,
            { State: RunState.Paused } => Paused,
            { State: RunState.Interrupted, Reason: RunAttempt.Stopped } => cancelled ? NotDone : GoOn,
            { State: RunState.Interrupted } => Broken,
            _ => NotDone,
        };
    }
}
