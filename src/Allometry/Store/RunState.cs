namespace Allometry.Store;

/// <summary>How an attempt at a run stands; the state of a run is that of its last attempt.</summary>
public enum RunState
{
    /// <summary>No attempt yet.</summary>
    Waiting,

    Running,
    Done,

    /// <summary>The run itself went wrong (the loss was no number any more): it would go wrong again.</summary>
    Failed,

    /// <summary>Something around the run stopped it (Ctrl-C, a full disk): the next attempt goes on.</summary>
    Interrupted,

    /// <summary>A run that this one needs has failed.</summary>
    Skipped,

    /// <summary>It has come as far as it may before it is decided whether it goes on; the next attempt goes on.</summary>
    Paused,

    /// <summary>It was given up early, since it could not win; what it has measured and saved stays.</summary>
    Stopped,
}
