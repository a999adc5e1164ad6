using System.Diagnostics;
using Allometry.Experiments;

namespace Allometry.Backends;

/// <summary>Turns what a run does into messages, of what comes often a few a second.</summary>
internal sealed class TellingWatcher(Action<WorkerMessage> tell) : Watcher
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(0.2);

    private readonly Stopwatch sinceTold = Stopwatch.StartNew();

    public override void RunStarted(PlannedRun run, long fromStep) => tell(new() { StartedFrom = fromStep });

    public override void Doing(PlannedRun run, string what, double share)
    {
        if (IsDue()) tell(new() { Doing = what, Share = share });
    }

    public override void Stepped(PlannedRun run, RunProgress progress)
    {
        if (IsDue()) tell(new() { Progress = progress });
    }

    private bool IsDue()
    {
        if (sinceTold.Elapsed < Every) return false;
        sinceTold.Restart();
        return true;
    }
}
