using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Every shape: what it is, what it cost, what it can do.</summary>
public static class ShapesSection
{
    private static readonly string[] Dimensions = ["model-width", "feed-forward-width", "heads", "head-width", "encoder-layers", "decoder-layers", "vocabulary"];

    public static Section Of(Findings findings) => new(
        "shapes", "All shapes", [.. new[] { Costs(findings), Results(findings) }.Where(table => table.Rows.Count > 0)], InBrief: true);

    /// <summary>Pre-trained minus from scratch, over the shapes that have both; null where no shape has.</summary>
    public static Spread? GainOf(Findings findings, string measure) =>
        Spread.Of(findings.Shapes.Select(shape => GainOf(shape, measure)).OfType<double>());

    internal static IEnumerable<Cell> Details(Spread? spread)
    {
        if (spread is null) return Enumerable.Repeat(Cell.Empty, 4);
        return [Cell.Of(spread.Min, Numerals.Score), Cell.Of(spread.Max, Numerals.Score), Cell.Of(spread.StandardDeviation, Numerals.Score), Cell.Of(spread.Count, Numerals.Count)];
    }

    private static Table Costs(Findings findings) => new(
        "shapes", "Dimensions and cost",
        [
            Column.Words("shape", "Shape"), .. Dimensions.Select(name => new Column(name, "", Shown: Shown.InFiles)),
            .. new[] { "Width", "Feed-forward width", "Heads × width", "Layers, enc + dec" }.Select(title => new Column("", title, Shown: Shown.OnPage)),
            new("parameters", "Parameters"), new("non-embedding-parameters", "without embeddings", Shown: Shown.OnPage), new("training-flops", "Training compute"),
            new("seconds", "Training time"), .. Column.Details("seconds"), new("tokens-per-second", "Tokens/s"), .. Column.Details("tokens-per-second"),
            new("predicted-memory", "Memory, predicted", Shown: Shown.OnPage), new("memory", "Memory, measured", Shown: Shown.OnPage),
        ],
        [.. findings.Shapes.Select(CostRow)]);

    private static IReadOnlyList<Cell> CostRow(ShapeSummary shape) =>
    [
        Cell.Of(shape.Name),
        .. Dimensions.Select(name => shape.Facts.Dimensions.TryGetValue(name, out var value) ? Cell.Of((long)value, Numerals.Whole) : Cell.Empty),
        .. DimensionsInWords(shape).Select(Cell.Of),
        Cell.Of(shape.Facts.Parameters, Numerals.Count), Cell.Of(shape.Facts.NonEmbeddingParameters, Numerals.Count), Cell.Of(shape.Facts.TrainingFlops, Numerals.Flops),
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

    private static Table Results(Findings findings)
    {
        var controlled = findings.Measures.Where(measure => GainOf(findings, measure) is not null).ToHashSet();
        var rows = findings.Shapes.OrderByDescending(shape => findings.Main.Sign * findings.Main.Of(shape)?.Mean ?? double.NegativeInfinity);
        return new(
            "results", "What each shape can do",
            [
                Column.Words("shape", "Shape"), new("validation-loss", "Held-out loss", "nats per target token"), .. Column.Details("validation-loss"),
                .. Optional(findings.Main.LessIsBetter ? [] : ["quality"], _ => [new("quality", "Quality", "mean"), .. Column.Details("quality")]),
                .. Optional(findings.Measures, measure => MeasureColumns(measure, controlled.Contains(measure))),
            ],
            [.. rows.Select(shape => ResultRow(findings, controlled, shape))],
            findings.Study.Seeds() > 1 ? "± is the standard deviation over seeds." : "One seed: no spread is known.");
    }

    private static IEnumerable<Column> Optional(IEnumerable<string> names, Func<string, IEnumerable<Column>> columns) => names.SelectMany(columns);

    private static IEnumerable<Column> MeasureColumns(string measure, bool controlled)
    {
        var (name, title) = (measure.Replace('/', '-'), measure.Replace('/', ' '));
        Column[] trained = [new(name, title), .. Column.Details(name)];
        return controlled ? [.. trained, new($"{name}-scratch", "from scratch", Shown: Shown.OnPage), .. Column.Details($"{name}-scratch"), new($"{name}-gain", "difference", Shown: Shown.OnPage)] : trained;
    }

    private static IReadOnlyList<Cell> ResultRow(Findings findings, HashSet<string> controlled, ShapeSummary shape)
    {
        var quality = shape.Scores.Quality;
        return
        [
            Cell.Of(shape.Name), Cell.Of(shape.Loss, Numerals.Score), .. Details(shape.Loss),
            .. findings.Main.LessIsBetter ? [] : new[] { Cell.Of(quality, Numerals.Score) }.Concat(Details(quality)),
            .. findings.Measures.SelectMany(measure => MeasureCells(shape, measure, controlled.Contains(measure))),
        ];
    }

    private static IEnumerable<Cell> MeasureCells(ShapeSummary shape, string measure, bool controlled)
    {
        var (trained, scratch) = (shape.Scores.Trained.GetValueOrDefault(measure), shape.Scores.Scratch.GetValueOrDefault(measure));
        Cell[] cells = [Cell.Of(trained, Numerals.Score), .. Details(trained)];
        return controlled
            ? [.. cells, Cell.Of(scratch, Numerals.Score), .. Details(scratch), Cell.Of(GainOf(shape, measure), Numerals.SignedScore)]
            : cells;
    }

    private static double? GainOf(ShapeSummary shape, string measure) =>
        shape.Scores.Trained.GetValueOrDefault(measure)?.Mean - shape.Scores.Scratch.GetValueOrDefault(measure)?.Mean;
}
