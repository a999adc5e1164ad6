using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Every shape: what it is and what it cost.</summary>
public static class ShapesTable
{
    private static readonly string[] Dimensions = ["model-width", "feed-forward-width", "heads", "head-width", "encoder-layers", "decoder-layers", "vocabulary"];

    internal static IEnumerable<Cell> Details(Spread? spread)
    {
        if (spread is null) return Enumerable.Repeat(Cell.Empty, 4);
        return [Cell.Of(spread.Min, Numerals.Score), Cell.Of(spread.Max, Numerals.Score), Cell.Of(spread.StandardDeviation, Numerals.Score), Cell.Of(spread.Count, Numerals.Count)];
    }

    public static Table Of(Findings findings) => new(
        "shapes", "Dimensions and cost",
        [
            Column.Words("shape", "Shape"), .. Dimensions.Select(name => new Column(name, "", Shown: Shown.InFiles)),
            .. new[] { "Width", "Feed-forward width", "Heads × width", "Layers, enc + dec" }.Select(title => new Column("", title, Shown: Shown.OnPage)),
            new("parameters", "Parameters"), .. Sparse(findings) ? [new Column("active-parameters", "used by a token")] : Array.Empty<Column>(), new("non-embedding-parameters", "without embeddings", Shown: Shown.OnPage), new("training-flops", "Training compute"),
            new("seconds", "Training time"), .. Column.Details("seconds"), new("tokens-per-second", "Tokens/s"), .. Column.Details("tokens-per-second"),
            new("predicted-memory", "Memory, predicted", Shown: Shown.OnPage), new("memory", "Memory, measured", Shown: Shown.OnPage),
        ],
        [.. findings.Shapes.Select(shape => CostRow(shape, Sparse(findings)))]);

    private static bool Sparse(Findings findings) => findings.Shapes.Any(shape => shape.Facts.ActiveParameters < shape.Facts.Parameters);

    private static IReadOnlyList<Cell> CostRow(ShapeSummary shape, bool sparse) =>
    [
        Cell.Of(shape.Name),
        .. Dimensions.Select(name => shape.Facts.Dimensions.TryGetValue(name, out var value) ? Cell.Of((long)value, Numerals.Whole) : Cell.Empty),
        .. DimensionsInWords(shape).Select(Cell.Of),
        Cell.Of(shape.Facts.Parameters, Numerals.Count), .. sparse ? [Cell.Of(shape.Facts.ActiveParameters, Numerals.Count)] : Array.Empty<Cell>(), Cell.Of(shape.Facts.NonEmbeddingParameters, Numerals.Count), Cell.Of(shape.Facts.TrainingFlops, Numerals.Flops),
        Cell.OfClock(shape.Clock.Seconds, Numerals.Seconds), .. Details(shape.Clock.Seconds),
        Cell.OfClock(shape.Clock.TokensPerSecond, Numerals.Count), .. Details(shape.Clock.TokensPerSecond),
        Bytes(shape.Facts.PredictedMemoryBytes), Bytes(shape.Facts.MemoryBytes),
    ];

    private static string[] DimensionsInWords(ShapeSummary shape) =>
    [
        Numerals.Whole(shape.Dimension("model-width")), Numerals.Whole(shape.Dimension("feed-forward-width")),
        $"{shape.Dimension("heads")} × {shape.Dimension("head-width")}", $"{shape.Dimension("encoder-layers")} + {shape.Dimension("decoder-layers")}",
    ];

    private static Cell Bytes(double bytes) => bytes > 0 ? Cell.Of(bytes, Numerals.Bytes) : Cell.Empty;
}
