using Allometry.Analysis.Laws;

namespace Allometry.Analysis;

/// <summary>
/// The DeepNarrow question (Tay et al. 2021): which other shape is at least as good as a baseline for less? Of those that are, the one whose costs, by their geometric mean,
/// are the lowest; a single cost may well be higher, which its saving then says.
/// </summary>
/// <param name="By">Null where nothing as good costs less.</param>
/// <param name="Certainty">How often, over the draws, it is at least as good; null where seeds are too few to know.</param>
public sealed record Replacement(ShapeSummary Baseline, ShapeSummary? By, IReadOnlyList<Saving> Savings, double? Certainty)
{
    public static Replacement Of(Findings findings, Yardstick yardstick, ShapeSummary baseline)
    {
        var by = Choose(baseline, findings.Shapes, yardstick, findings.Costs);
        var at = (Baseline: IndexOf(findings.Shapes, baseline), By: by is null ? -1 : IndexOf(findings.Shapes, by));
        var drawn = findings.Draws.Select(draw => (Baseline: draw[at.Baseline], By: Choose(draw[at.Baseline], draw, yardstick, findings.Costs))).ToArray();
        return new(
            baseline, by,
            [.. findings.Costs.Select(cost => new Saving(cost, Share(cost, baseline, by), Interval.Of(drawn.Select(draw => Share(cost, draw.Baseline, draw.By)))))],
            by is null || drawn.Length == 0 ? null : findings.Draws.Average(draw => IsAsGood(draw[at.By], draw[at.Baseline], yardstick) ? 1.0 : 0));
    }

    /// <summary>Null where no other shape that is at least as good is cheaper.</summary>
    public static ShapeSummary? Choose(ShapeSummary baseline, IEnumerable<ShapeSummary> shapes, Yardstick yardstick, IReadOnlyList<CostAxis> costs) =>
        Cheapest(baseline, shapes.Where(shape => IsAsGood(shape, baseline, yardstick)), costs);

    /// <summary>The shape with the lowest geometric mean of costs, if it is below the baseline's; of equals the first by name.</summary>
    internal static ShapeSummary? Cheapest(ShapeSummary baseline, IEnumerable<ShapeSummary> shapes, IReadOnlyList<CostAxis> costs) =>
        shapes.Where(shape => shape.Name != baseline.Name).Select(shape => (Shape: shape, Ratio: LogRatio(shape, baseline, costs))).Where(pair => pair.Ratio < -1e-9)
            .OrderBy(pair => pair.Ratio).ThenBy(pair => pair.Shape.Name, StringComparer.Ordinal).FirstOrDefault().Shape;

    private static bool IsAsGood(ShapeSummary shape, ShapeSummary baseline, Yardstick yardstick) =>
        yardstick.Of(shape) is { } score && yardstick.Of(baseline) is { } other && yardstick.Sign * score.Mean >= yardstick.Sign * other.Mean;

    /// <summary>The mean over the costs that both have; NaN, which is less than nothing, of none. Asked once a pair of shapes a draw, so without lists.</summary>
    private static double LogRatio(ShapeSummary shape, ShapeSummary baseline, IReadOnlyList<CostAxis> costs)
    {
        var (sum, count) = (0.0, 0);
        foreach (var cost in costs)
            if (Math.Log(cost.Of(shape) / cost.Of(baseline)) is var ratio && double.IsFinite(ratio)) (sum, count) = (sum + ratio, count + 1);
        return sum / count;
    }

    private static double Share(CostAxis cost, ShapeSummary baseline, ShapeSummary? by) => by is null ? 0 : 1 - (cost.Of(by) / cost.Of(baseline));

    private static int IndexOf(IReadOnlyList<ShapeSummary> shapes, ShapeSummary shape) => shapes.Index().First(pair => pair.Item.Name == shape.Name).Index;
}

/// <summary>How much less of one cost: 0.2 is 20 % less, -0.2 is 20 % more, 0 where nothing replaces the baseline.</summary>
/// <param name="Interval">Over draws, in each of which the shape was chosen anew; null where seeds are too few to know.</param>
public sealed record Saving(CostAxis Cost, double Share, Interval? Interval);
