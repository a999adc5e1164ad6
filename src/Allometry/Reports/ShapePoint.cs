using Allometry.Analysis;

namespace Allometry.Reports;

/// <summary>A shape as a point of a chart: labelled, with all its facts, and an error bar from the lowest to the highest seed.</summary>
public static class ShapePoint
{
    public const string ErrorBars = "Error bars run from the lowest to the highest seed.";

    public static Point Of(ShapeSummary shape, double x, Spread y) =>
        y.Count == 1
            ? new(x, y.Mean, null, null, shape.Name, ShapeCard.Of(shape))
            : new(x, y.Mean, y.Min, y.Max, shape.Name, ShapeCard.Of(shape));

    public static string NoteOn(IEnumerable<Spread?> spreads) => spreads.Any(spread => spread?.Count > 1) ? ErrorBars : "";
}
