using Allometry.Store;

namespace Allometry.Web;

/// <summary>
/// When a study will have ended, by what the plan foretold of each run, corrected by what the done ones took. It takes as many runs to go side by side as do now, and the longest alone at least.
/// </summary>
internal static class Forecast
{
    /// <summary>Null where nothing is left, or nothing was foretold.</summary>
    public static double? SecondsLeft(IEnumerable<(double? Predicted, Attempt? Last)> runs, double now)
    {
        var all = runs.Where(run => run.Predicted is not null).Select(run => (Predicted: run.Predicted!.Value, run.Last)).ToList();
        var done = all.Where(run => run.Last is { State: RunState.Done, FromStep: 0, Ended: not null }).ToList();
        var correction = done.Count == 0 ? 1 : done.Sum(run => run.Last!.Ended!.Value - run.Last.Started) / Math.Max(1e-9, done.Sum(run => run.Predicted));
        var running = all.Where(run => run.Last?.State == RunState.Running).ToList();
        var left = running.Select(run => Math.Max(0, (correction * run.Predicted) - (now - run.Last!.Started)))
            .Concat(all.Where(run => run.Last is null || run.Last.State is RunState.Interrupted or RunState.Paused or RunState.Waiting).Select(run => correction * run.Predicted)).ToList();
        return left.Count == 0 ? null : Math.Max(left.Max(), left.Sum() / Math.Max(1, running.Count));
    }
}
