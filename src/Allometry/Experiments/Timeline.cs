namespace Allometry.Experiments;

/// <summary>When runs will have ended that start as the runner starts them.</summary>
public static class Timeline
{
    /// <summary>The seconds from now at which each run ends, in that order; <paramref name="running"/> are those that have started, <paramref name="seconds"/> is what a run still takes.</summary>
    public static IReadOnlyList<(PlannedRun Run, double End)> Of(IEnumerable<PlannedRun> waiting, Func<PlannedRun, double> seconds, Room room, IEnumerable<PlannedRun>? running = null)
    {
        var queue = new Waiting(waiting);
        var started = (running ?? []).Select(run => (Run: run, End: seconds(run))).ToList();
        List<(PlannedRun, double)> ends = [];
        for (var now = 0.0; ;)
        {
            while (queue.Take([.. started.Select(one => one.Run)], room) is { } next) started.Add((next, now + seconds(next)));
            if (started.Count == 0) return ends;
            var first = started.MinBy(one => one.End);
            started.Remove(first);
            ends.Add(first);
            now = first.End;
        }
    }

    /// <summary>The seconds until all have ended.</summary>
    public static double Length(IEnumerable<PlannedRun> waiting, Func<PlannedRun, double> seconds, Room room, IEnumerable<PlannedRun>? running = null) =>
        Of(waiting, seconds, room, running).Select(one => one.End).DefaultIfEmpty(0).Max();
}
