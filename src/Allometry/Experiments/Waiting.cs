namespace Allometry.Experiments;

/// <summary>Runs that wait for their turn: in the order of the plan, each after those it needs.</summary>
public sealed class Waiting(IEnumerable<PlannedRun> runs)
{
    private readonly List<PlannedRun> waiting = [.. runs];

    /// <summary>Takes the first run that may start beside those that are running; null where none may.</summary>
    public PlannedRun? Take(IReadOnlyCollection<PlannedRun> running, Room room, Func<PlannedRun, bool>? mayStart = null)
    {
        var open = waiting.Concat(running).Select(run => run.Id).ToHashSet();
        var next = waiting.FirstOrDefault(run => !run.Needs.Any(open.Contains) && room.Takes(run, running) && mayStart?.Invoke(run) != false);
        if (next is not null) waiting.Remove(next);
        return next;
    }

    /// <summary>A run waits again, before all that wait already.</summary>
    public void Return(PlannedRun run) => waiting.Insert(0, run);

    public void Remove(PlannedRun run) => waiting.RemoveAll(other => other.Id == run.Id);
}
