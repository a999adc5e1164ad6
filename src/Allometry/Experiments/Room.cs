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
    public bool Takes(PlannedRun next, IReadOnlyCollection<PlannedRun> running) => Beside(running).Takes(next);

    /// <summary>What is left beside those that are running.</summary>
    public Space Beside(IReadOnlyCollection<PlannedRun> running) => new(
        running.Count == 0, Jobs - running.Count,
        Threads == int.MaxValue ? Threads : Threads - running.Sum(run => run.Ranks * run.Threads),
        double.IsPositiveInfinity(Memory) ? Memory : Memory - running.Sum(run => run.Ranks * run.PeakBytes));

    /// <summary>What a machine has left.</summary>
    public readonly record struct Space(bool IsEmpty, int Jobs, int Threads, double Memory)
    {
        /// <summary>Whether no run can start, whatever it asks for.</summary>
        public bool IsFull => !IsEmpty && (Jobs < 1 || Threads < 1 || Memory <= 0);

        public bool Takes(PlannedRun next) => IsEmpty || (Jobs >= 1 && next.Ranks * next.Threads <= Threads && next.Ranks * next.PeakBytes <= Memory);
    }
}
