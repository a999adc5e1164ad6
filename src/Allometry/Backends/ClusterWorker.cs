using System.Text.Json;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Native;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>The side of <see cref="Cluster"/> that runs on a node: executes the run that a task of a submission is, and leaves all that is to be known of it in the run's folder.</summary>
public static class ClusterWorker
{
    /// <summary>Exit codes: its scheduler starts what waits for success only after 0; <see cref="GoOn"/> asks to be started again.</summary>
    public const int Done = 0, NotDone = 2, NotReady = 97, Paused = 98, GoOn = Slurm.SlurmScript.Requeue;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    public static int Serve(string submission, int task, CancellationTokenSource stop)
    {
        var store = Path.GetFullPath(Path.Combine(submission, "..", ".."));
        var folder = new RunFolder(store, SubmissionFolder.RunOf(submission, task));
        folder.Settle();
        if (folder.Decision is { } decided) return folder.Told(decided)?.State == RunState.Done ? Done : NotDone;
        if (CancelWish.IsMade(store)) return NotDone;
        var order = RunOrder.Read(folder);
        var run = order.Planned;
        if (!RunOrder.IsReady(run, store)) return NotReady;
        using var timer = new Timer(_ => { if (CancelWish.IsMade(store)) stop.Cancel(); }, null, Every, Every);
        return Code(Attempt(order, run, store, stop.Token), CancelWish.IsMade(store));
    }

    private static RunEnd Attempt(RunOrder order, PlannedRun run, string store, CancellationToken stop)
    {
        Libtorch.EnsureLoaded();
        var job = order.Job;
        using var files = AttemptFiles.Claim(store, run.Id, order.Known, order.Sweep);
        try
        {
            var materials = Materials.Reopen(run.Run.Vocabulary, job.Folder, job.Cache);
            return RunAttempt.Make(run, files, new(materials, new RunTelling(files.Progress), new(job.CheckpointEvery, Pace: job.Pace), stop));
        }
        catch (Exception error) when (error is InputException || FileSystem.IsDiskFull(error) || (error is RunFailedException { InnerException: { } cause } && FileSystem.IsDiskFull(cause)))
        {
            // Another node may have the file or the room; what is done is saved.
            var reason = $"{Environment.MachineName}: {error.Message}";
            Console.Error.WriteLine(reason);
            Materials.Tried(() => files.GiveUp(reason, JsonSerializer.Serialize(Machine.This), Machine.This.Version));
            return new(run, RunState.Interrupted, reason);
        }
    }

    private static int Code(RunEnd end, bool cancelled)
    {
        Console.Error.WriteLine($"{end.Run}: {end.State.ToString().ToLowerInvariant()}{(end.Reason is null ? "" : $" ({end.Reason})")}");
        return end switch
        {
            { State: RunState.Done } => Done,
            { State: RunState.Paused } => Paused,
            { State: RunState.Interrupted, Reason: RunAttempt.Stopped } when !cancelled => GoOn,
            _ => NotDone,
        };
    }
}
