namespace Allometry.Analysis;

/// <summary>A shape as the frontier sees it: a cost, of which less is better, and a quality, of which more is better.</summary>
public sealed record ParetoPoint(string Name, double Cost, double Quality)
{
    public bool IsFinite => double.IsFinite(Cost) && double.IsFinite(Quality);

    /// <summary>At least as good on both sides and better on one: equals do not dominate each other.</summary>
    public bool Dominates(ParetoPoint other) =>
        Cost <= other.Cost && Quality >= other.Quality && (Cost < other.Cost || Quality > other.Quality);
}
