namespace Allometry.Analysis;

/// <summary>A point off the frontier, beside the best point that costs no more.</summary>
public sealed record Dominated(ParetoPoint Point, ParetoPoint By)
{
    /// <summary>What the point lacks in quality, in the units of the quality; 0 where it only costs more.</summary>
    public double QualityGap => By.Quality - Point.Quality;

    /// <summary>How many times the cost of the point that beats it; never below 1 for positive costs.</summary>
    public double CostRatio => Point.Cost / By.Cost;
}
