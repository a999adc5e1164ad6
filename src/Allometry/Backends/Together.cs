using System.Text.Json;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Native;
using Allometry.Ranks;
using Allometry.Store;
using Allometry.Training;

namespace Allometry.Backends;

/// <summary>
/// Executes runs one after the other, each by this process and its peers together. The first of them plans, tells the others what to do and writes down what comes of it; they read its files and write none.
/// What goes wrong with one of them alone ends them all: the others cannot go on without it.
/// </summary>
public sealed class Together(Peers peers) : Backend
{
    /// <summary>What lets the others go.</summary>
    internal const string NoMore = "";

    private readonly Queue<(PlannedRun Run, StudyStore Store, Desk Desk)> started = new();
    private bool broken;

    public override void Start(PlannedRun run, StudyStore store, Desk desk) => started.Enqueue((run, store, desk));

    public override RunEnd Next()
    {
        var (run, store, desk) = started.Dequeue();
        var job = new WorkerJob(Path.GetFullPath(store.Folder), run.Id, Path.GetFullPath(desk.Materials.Folder), Path.GetFullPath(desk.Materials.Cache), desk.Options.CheckpointEvery, desk.Options.Pace, run.Branch, run.Until);
        broken = true; // until the run has come to an end of which all know
        var end = Lead(peers, job, run, store, desk);
        if (end is { State: RunState.Interrupted, Reason: not RunAttempt.Stopped }) throw new RunFailedException($"{run} ({run.Id})", $"{end.Reason}; all {peers.Count} ranks end", "mend that and start them again: they go on from the last checkpoint");
        broken = false;
        // A stop that reached another of them first is one of this one too.
        return end.State == RunState.Interrupted ? throw new OperationCanceledException() : end;
    }

    /// <summary>Tells the others which run it is and makes the attempt with them. Where it is interrupted by anything but a stop they still wait for it, and have to be ended.</summary>
    internal static RunEnd Lead(Peers peers, WorkerJob job, PlannedRun run, Ledger store, Desk desk)
    {
        peers.Tell(JsonSerializer.Serialize(new Order(job, RunRecord.Of(run).ToJson(), (store as AttemptFiles)?.Number)));
        return RunAttempt.Make(run, store, desk with { Peers = peers });
    }

    /// <summary>The side of those that are not the first; returns when there is nothing more to do. A stop that all have agreed on is an <see cref="OperationCanceledException"/>.</summary>
    public static void Follow(Peers peers, CancellationToken stop)
    {
        while (peers.Tell(null) is { Length: > 0 } word) Follow(JsonSerializer.Deserialize<Order>(word)!, peers, stop);
    }

    /// <summary>Lets the others go, where they still listen.</summary>
    public override void Dispose()
    {
        if (!broken) peers.Tell(NoMore);
        base.Dispose();
    }

    private static void Follow(Order order, Peers peers, CancellationToken stop)
    {
        Libtorch.EnsureLoaded();
        var job = order.Job;
        using Ledger store = order.Attempt is { } number ? AttemptFiles.Follow(job.Store, job.Run, number) : StudyStore.Follow(job.Store);
        var run = RunRecord.FromJson(order.Description).Planned(job.Run) with { Branch = job.Branch, Until = job.Until };
        var materials = Materials.Reopen(run.Run.Vocabulary, job.Folder, job.Cache);
        try { RunAttempt.Follow(run, store, new(materials, new NoWatcher(), new(job.CheckpointEvery, Pace: job.Pace), stop) { Peers = peers }); }
        catch (Exception error) when (error is LossDivergedException or RunPausedException) { } // so has the first
    }

    /// <param name="Attempt">Where the attempt keeps what it does in files: its number.</param>
    private sealed record Order(WorkerJob Job, string Description, int? Attempt);
}
