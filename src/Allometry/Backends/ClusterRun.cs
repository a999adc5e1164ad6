using Allometry.Experiments;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>A run that a cluster has been given, as its coordinator sees it.</summary>
internal sealed class ClusterRun(PlannedRun run, string store)
{
    public PlannedRun Run { get; } = run;

    public RunFolder Folder { get; } = new(store, run.Id);

    /// <summary>The scheduler's name of its task; null while it is not submitted.</summary>
    public (string Job, int Task)? Task { get; set; }

    /// <summary>The last attempt that was claimed when it was submitted.</summary>
    public int ClaimedBefore { get; set; }

    /// <summary>When it was submitted, by this machine's clock; null where an earlier coordinator did that.</summary>
    public DateTimeOffset? Submitted { get; set; }

    /// <summary>How often the scheduler did not have it any more, and nothing was decided yet: files of another machine are seen late.</summary>
    public int TimesMissed { get; set; }

    /// <summary>How often it has ended without getting further.</summary>
    public int Fruitless { get; set; }

    /// <summary>The step from which its last attempt began.</summary>
    public long Furthest { get; set; }

    /// <summary>Nodes on which it ended without getting further.</summary>
    public HashSet<string> Avoid { get; } = [];

    public bool IsRunning { get; set; }

    /// <summary>The attempt that runs, as the store knows it.</summary>
    public Attempt? Watched { get; set; }

    /// <summary>Up to which place of its file its measurements are in the store.</summary>
    public long WatchedTo { get; set; }

    /// <summary>The last attempt, where one was claimed since it was submitted.</summary>
    public Attempt? LastAttempt() => Folder.LastClaim is var last && last > ClaimedBefore ? Folder.Told(last) : null;

    /// <summary>Whether an attempt was claimed since it was submitted.</summary>
    public bool HasStarted => Folder.LastClaim > ClaimedBefore;
}
