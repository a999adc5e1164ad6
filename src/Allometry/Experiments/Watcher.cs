using Allometry.Store;

namespace Allometry.Experiments;

/// <summary>Is told what happens while a study runs. Calls come from one thread, which does other things too, so they must return at once.</summary>
public abstract class Watcher
{
    /// <summary>Work before the runs (reading, tokenising); <paramref name="share"/> in [0, 1], or null where it is not known.</summary>
    public virtual void Preparing(string what, double? share) { }

    /// <summary>Something that a person should know and that stops nothing.</summary>
    public virtual void Noted(string what) { }

    public virtual void Started(StudyProgress study) { }

    public virtual void RunStarted(PlannedRun run, long fromStep) { }

    /// <summary>Work of a run beside its steps (tokenising, scoring); <paramref name="share"/> in [0, 1].</summary>
    public virtual void Doing(PlannedRun run, string what, double share) { }

    public virtual void Stepped(PlannedRun run, RunProgress progress) { }

    public virtual void RunEnded(PlannedRun run, RunState state, string? reason, StudyProgress study) { }
}

/// <summary>Watches nothing.</summary>
public sealed class NoWatcher : Watcher;
