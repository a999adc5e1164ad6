namespace Allometry.Analysis;

/// <summary>The shape to train: the cheapest of those that cannot be told apart from the best; the best itself where the noise between seeds is not known.</summary>
/// <param name="Savings">What it saves against the best; empty where it is the best.</param>
public sealed record Recommendation(ShapeSummary Shape, ShapeSummary Best, IReadOnlyList<Saving> Savings)
{
    public bool IsBest => Shape.Name == Best.Name;

    /// <summary>Null where no shape has a result.</summary>
    public static Recommendation? Of(Findings findings)
    {
        var ranked = findings.Shapes.Where(shape => findings.Main.Of(shape) is not null).OrderByDescending(shape => findings.Main.Sign * findings.Main.Of(shape)!.Mean).ToArray();
        if (ranked.Length == 0) return null;
        var (best, noise) = (ranked[0], findings.Noise(findings.Main));
        bool IsLevel(ShapeSummary shape) => noise is not null && Math.Abs(Mean(shape) - Mean(best)) < noise.Resolution(findings.Main.Of(shape)!.Count, findings.Main.Of(best)!.Count);
        double Mean(ShapeSummary shape) => findings.Main.Of(shape)!.Mean;
        // Level shapes are as good as each other, so that only what they cost is left to choose by.
        var shape = Replacement.Cheapest(best, ranked.Where(IsLevel), findings.Costs) ?? best;
        return new(shape, best, shape == best ? [] : [.. findings.Costs.Select(cost => new Saving(cost, 1 - (cost.Of(shape) / cost.Of(best)), null))]);
    }
}
