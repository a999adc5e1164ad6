namespace Allometry.Experiments;

/// <summary>What a machine has for runs side by side. A run that asks for more than all of it goes alone.</summary>
/// <param name="Jobs">Most runs at a time.</param>
/// <param name="Threads">Most threads of all runs at a time.</param>
/// <param name="Memory">Bytes that the predicted peaks of all runs must fit in.</param>
public sealed record Room(int Jobs, int Threads = int.MaxValue, double Memory = double.PositiveInfinity)
{
    /// <summary>One run after the other.</summary>
    public static Room ForOne { get; } = new(1);

    /// <summary>Of a backend that has its own.</summary>
    public static Room Endless { get; } = new(int.MaxValue);

    /// <summary>Whether a run may start beside those that are running.</summary>
    public bool Takes(PlannedRun next, IReadOnlyCollection<PlannedRun> running) => running.Count == 0
        || (running.Count < Jobs
            && (Threads == int.MaxValue || running.Sum(run => run.Threads) + next.Threads <= Threads)
            && (double.IsPositiveInfinity(Memory) || running.Sum(run => run.PeakBytes) + next.PeakBytes <= Memory));
}
