using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Every shape: what it can do, upstream and on each task.</summary>
public static class ResultsTable
{
    /// <summary>Nothing where no shape has a result.</summary>
    public static IEnumerable<Table> Of(Findings findings) => findings.Shapes.Any(shape => shape.Loss is not null || shape.Scores.Quality is not null) ? [Results(findings)] : [];

    /// <summary>Pre-trained minus from scratch, over the shapes that have both; null where no shape has.</summary>
    public static Spread? GainOf(Findings findings, string measure) =>
        Spread.Of(findings.Shapes.Select(shape => GainOf(shape, measure)).OfType<double>());

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
            Cell.Of(shape.Name), Cell.Of(shape.Loss, Numerals.Score), .. ShapesTable.Details(shape.Loss),
            .. findings.Main.LessIsBetter ? [] : new[] { Cell.Of(quality, Numerals.Score) }.Concat(ShapesTable.Details(quality)),
            .. findings.Measures.SelectMany(measure => MeasureCells(shape, measure, controlled.Contains(measure))),
        ];
    }

    private static IEnumerable<Cell> MeasureCells(ShapeSummary shape, string measure, bool controlled)
    {
        var (trained, scratch) = (shape.Scores.Trained.GetValueOrDefault(measure), shape.Scores.Scratch.GetValueOrDefault(measure));
        Cell[] cells = [Cell.Of(trained, Numerals.Score), .. ShapesTable.Details(trained)];
        return controlled
            ? [.. cells, Cell.Of(scratch, Numerals.Score), .. ShapesTable.Details(scratch), Cell.Of(GainOf(shape, measure), Numerals.SignedScore)]
            : cells;
    }

    private static double? GainOf(ShapeSummary shape, string measure) =>
        shape.Scores.Trained.GetValueOrDefault(measure)?.Mean - shape.Scores.Scratch.GetValueOrDefault(measure)?.Mean;
}
