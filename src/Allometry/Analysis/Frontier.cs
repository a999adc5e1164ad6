namespace Allometry.Analysis;

/// <summary>
/// The Pareto frontier of quality (more is better) against cost (less is better).
/// Points equal on both sides are all on it; of points equal on one side only the better one is.
/// </summary>
/// <param name="Points">On the frontier, by rising cost, then by name.</param>
/// <param name="Excluded">Points with a cost or quality that is not a finite number.</param>
public sealed record Frontier(IReadOnlyList<ParetoPoint> Points, IReadOnlyList<Dominated> Dominated, IReadOnlyList<ParetoPoint> Excluded)
{
    public static Frontier Of(IEnumerable<ParetoPoint> points)
    {
        var byFinite = points.ToLookup(point => point.IsFinite);
        var best = new List<ParetoPoint>();
        var dominated = new List<Dominated>();
        foreach (var point in CheapestFirst(byFinite[true]))
            if (Leader(best) is { } leader && leader.Dominates(point)) dominated.Add(new(point, leader));
            else best.Add(point);
        return new(best, dominated, [.. byFinite[false]]);
    }

    public bool Contains(string name) => Points.Any(point => point.Name == name);

    private static IEnumerable<ParetoPoint> CheapestFirst(IEnumerable<ParetoPoint> points) =>
        points.OrderBy(point => point.Cost).ThenByDescending(point => point.Quality).ThenBy(point => point.Name, StringComparer.Ordinal);

    /// <summary>The best so far; of equals the first by name.</summary>
    private static ParetoPoint? Leader(List<ParetoPoint> best) =>
        best.Count == 0 ? null : best[best.FindIndex(point => point.Cost == best[^1].Cost)];
}
