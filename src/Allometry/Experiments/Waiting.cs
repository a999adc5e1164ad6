namespace Allometry.Experiments;

/// <summary>Runs that wait for their turn: in the order of the plan, each after those it needs.</summary>
public sealed class Waiting
{
    private readonly List<PlannedRun> waiting;
    private readonly HashSet<string> ids;

    public Waiting(IEnumerable<PlannedRun> runs)
    {
        waiting = [.. runs];
        ids = [.. waiting.Select(run => run.Id)];
    }

    /// <summary>
    /// Takes the first run that may start beside those that are running; null where none may. Where the runs are <paramref name="ordered"/> by who starts them, one may be taken whose needs are running, if those go to their ends.
    /// </summary>
    public PlannedRun? Take(IReadOnlyCollection<PlannedRun> running, Room room, Func<PlannedRun, bool>? mayStart = null, bool ordered = false)
    {
        var space = room.Beside(running);
        if (space.IsFull) return null;
        var inTheWay = (ordered ? running.Where(run => run.Until is not null) : running).Select(run => run.Id).ToHashSet();
        var next = waiting.FirstOrDefault(run => space.Takes(run) && !run.Needs.Any(need => ids.Contains(need) || inTheWay.Contains(need)) && mayStart?.Invoke(run) != false);
        if (next is not null) Remove(next);
        return next;
    }

    /// <summary>A run waits again, before all that wait already.</summary>
    public void Return(PlannedRun run)
    {
        waiting.Insert(0, run);
        ids.Add(run.Id);
    }

    public void Remove(PlannedRun run)
    {
        if (!waiting.Remove(run)) waiting.RemoveAll(other => other.Id == run.Id);
        ids.Remove(run.Id);
    }
}
