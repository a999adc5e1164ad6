using Allometry.Experiments;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>Executes runs in this process, one after the other.</summary>
public sealed class Local : Backend
{
    private readonly Queue<Func<RunEnd>> started = new();

    public override void Start(PlannedRun run, StudyStore store, Desk desk) => started.Enqueue(() => RunAttempt.Make(run, store, desk));

    public override RunEnd Next() => started.Dequeue()();
}
