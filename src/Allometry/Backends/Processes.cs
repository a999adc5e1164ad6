using System.Collections.Concurrent;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>
/// Executes each run in a process of its own on this machine: one that crashes takes no other with it, its peak of memory is its own, and its threads are those it was planned with.
/// </summary>
/// <param name="command">The program and arguments that start a <see cref="Worker"/>.</param>
public sealed class Processes(IReadOnlyList<string> command) : Backend
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(100);

    private readonly BlockingCollection<(WorkerProcess From, WorkerMessage? Message)> heard = [];
    private readonly HashSet<WorkerProcess> alive = [];
    private StudyStore? store;
    private Desk? desk;
    private bool stopping;

    public override void Start(PlannedRun run, StudyStore store, Desk desk)
    {
        (this.store, this.desk) = (store, desk);
        var job = new WorkerJob(store.Folder, run.Id, desk.Materials.Folder, desk.Materials.Cache, desk.Options.CheckpointEvery, desk.Options.Pace, run.Branch, run.Until);
        alive.Add(new WorkerProcess(command, run, job, (from, message) => heard.Add((from, message))));
    }

    public override RunEnd Next()
    {
        while (true)
        {
            if (desk!.Stop.IsCancellationRequested) StopAll();
            if (!heard.TryTake(out var next, Pause)) continue;
            if (next.Message is null) return Ended(next.From);
            Hear(next.From, next.Message);
        }
    }

    /// <summary>Lets those that still run save; who does not within ten seconds is killed and loses what came after its last checkpoint.</summary>
    public override void Dispose()
    {
        StopAll();
        foreach (var worker in alive)
        {
            if (!worker.HasEndedWithin(Patience)) worker.Kill();
            worker.Dispose();
        }
        alive.Clear();
        base.Dispose();
    }

    private void StopAll()
    {
        if (!stopping)
            foreach (var worker in alive) worker.Stop();
        stopping = true;
    }

    private void Hear(WorkerProcess worker, WorkerMessage message)
    {
        if (message.Fatal is { } problems) throw new RunFailedException(problems);
        if (message.StartedFrom is { } step) desk!.Watcher.RunStarted(worker.Run, step);
        if (message.Doing is { } what) desk!.Watcher.Doing(worker.Run, what, message.Share ?? 0);
        if (message.Progress is { } progress) desk!.Watcher.Stepped(worker.Run, progress);
        if (message.Ended is { } state) worker.End = new(worker.Run, state, message.Reason);
    }

    private RunEnd Ended(WorkerProcess worker)
    {
        alive.Remove(worker);
        var end = worker.End ?? Crashed(worker);
        worker.Dispose();
        return end;
    }

    /// <summary>The worker could not write down how its attempt ended.</summary>
    private RunEnd Crashed(WorkerProcess worker)
    {
        var end = new RunEnd(worker.Run, RunState.Interrupted, worker.LastWords());
        if (store!.Attempts(worker.Run.Id) is [.., { State: RunState.Running } attempt]) store.End(attempt, end.State, end.Reason);
        return end;
    }
}
