using Allometry.Store;

namespace Allometry.Experiments;

/// <summary>Where runs are executed: in this process, in processes beside it, or elsewhere. One thread starts attempts and waits for their ends.</summary>
public abstract class Backend : IDisposable
{
    /// <summary>Whether it takes runs at once that still need others, and orders them itself; it gives back as waiting those that could not begin.</summary>
    public virtual bool OrdersRuns => false;

    /// <summary>Starts an attempt at a run whose needs are met, or started where the backend orders runs; returns at once where the backend can.</summary>
    public abstract void Start(PlannedRun run, StudyStore store, Desk desk);

    /// <summary>
    /// Waits for the end of one of the started attempts, telling the desk's watcher meanwhile what the others do. Throws what no other run would survive (a full disk).
    /// Once the desk's stop is asked for, the started attempts save and end.
    /// </summary>
    public abstract RunEnd Next();

    /// <summary>Ends what is still started.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
