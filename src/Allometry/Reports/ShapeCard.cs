using Allometry.Analysis;

namespace Allometry.Reports;

/// <summary>All that is known of a shape in a few lines: what appears when its point is touched.</summary>
public static class ShapeCard
{
    public static IReadOnlyList<string> Of(ShapeSummary shape) =>
    [
        $"{shape.Dimension("encoder-layers")} + {shape.Dimension("decoder-layers")} layers, width {shape.Dimension("model-width")}, "
            + $"feed-forward {shape.Dimension("feed-forward-width")}, {shape.Dimension("heads")} × {shape.Dimension("head-width")} heads",
        $"{Numerals.Count(shape.Facts.Parameters)} parameters, {Numerals.Count(shape.Facts.NonEmbeddingParameters)} without embeddings",
        $"{Numerals.Flops(shape.Facts.TrainingFlops)} in training",
        .. Line(shape.Clock.Seconds, Numerals.Seconds, "training time"),
        .. Line(shape.Clock.TokensPerSecond, value => Numerals.Count(value), "tokens/s"),
        .. Line(shape.Loss, Numerals.Score, "held-out loss, nats"),
        .. Line(shape.Scores.Quality, Numerals.Score, "quality"),
        .. shape.Scores.Trained.SelectMany(score => Line(score.Value, Numerals.Score, score.Key.Replace('/', ' '))),
    ];

    /// <summary>A spread in words: "0.653 (0.640 to 0.662 over 3 seeds)".</summary>
    public static string Range(Spread spread, Func<double, string> form) => spread.Count == 1
        ? form(spread.Mean)
        : $"{form(spread.Mean)} ({form(spread.Min)} to {form(spread.Max)} over {spread.Count} seeds)";

    private static IEnumerable<string> Line(Spread? spread, Func<double, string> form, string what) =>
        spread is null ? [] : [$"{what}: {Range(spread, form)}"];
}
