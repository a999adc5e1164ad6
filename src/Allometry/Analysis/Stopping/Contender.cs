namespace Allometry.Analysis.Stopping;

/// <summary>A shape while it is being trained, beside others that are.</summary>
/// <param name="Costs">What it costs in each respect that shapes are compared in, in the same order for all.</param>
/// <param name="Runs">One a seed.</param>
public sealed record Contender(string Name, IReadOnlyList<double> Costs, IReadOnlyList<UnfinishedRun> Runs)
{
    /// <summary>The loss that it ended with, its seeds averaged; null while any of them goes on.</summary>
    public double? Final => Runs.All(run => run.Final is not null) ? Runs.Average(run => run.Final!.Value) : null;

    /// <summary>Whether it costs no more in this respect.</summary>
    public bool CostsNoMoreThan(Contender other, int cost) => Costs[cost] <= other.Costs[cost];
}

/// <summary>One training as far as it is known.</summary>
/// <param name="Curve">Held-out losses by rising step.</param>
/// <param name="Steps">Those that the run would have in the end.</param>
/// <param name="Final">The loss at its end, where it has come there.</param>
public sealed record UnfinishedRun(IReadOnlyList<(long Step, double Loss)> Curve, long Steps, double? Final = null);
