using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>The learning rates that were tried on small shapes, and what came of them.</summary>
public sealed record SweepSection : StudySection
{
    public override Place Place => Place.Stages;

    /// <summary>Null where no setting was tried.</summary>
    public override Section? Of(Findings findings)
    {
        var sweeps = Sweep.All(findings.Study);
        return sweeps.Count == 0 ? null : new("learning-rates", "Learning rates", [.. Warnings(sweeps), TableOf(sweeps), ChartOf(sweeps)], InBrief: true);
    }

    /// <summary>A sweep that ends at its best rate has not found it.</summary>
    internal static IEnumerable<Paragraph> Warnings(IReadOnlyList<Sweep> sweeps)
    {
        var atEdge = sweeps.Where(sweep => sweep.IsAtEdge).Select(sweep => sweep.Warning).ToArray();
        if (atEdge.Length > 0) yield return new($"Take care: {Words.List(atEdge)}. A better one may lie beyond, and what the other shapes were trained with follows from it: try more rates on that side.");
    }

    private static Table TableOf(IReadOnlyList<Sweep> sweeps) => new(
        "learning-rates", "Best rate of each shape that was tried",
        [
            Column.Words("shape", "Shape"), new("width", "Width"), new("lowest", "Lowest tried"), new("highest", "Highest tried"), new("best", "Best"), new("loss", "Lowest held-out loss", "nats per target token"), Column.Words("edge", "At the edge"),
        ],
        [.. sweeps.Select(sweep => (IReadOnlyList<Cell>)
        [
            Cell.Of(sweep.Shape), Cell.Of(sweep.Width, Numerals.Whole), Cell.Of(sweep.Tries[0].Setting, Rate), Cell.Of(sweep.Tries[^1].Setting, Rate), Cell.Of(sweep.Best, Rate),
            Cell.Of(sweep.Tries.Select(one => one.Loss).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min(), Numerals.Score), Cell.Of(sweep.IsAtEdge ? "yes" : "no"),
        ])],
        "The lowest point of a parabola through the lowest loss and its neighbours, over the rate's logarithm; at an edge the lowest itself.");

    private static Chart ChartOf(IReadOnlyList<Sweep> sweeps) => new(
        "loss-by-learning-rate", "Held-out loss by learning rate", new("Learning rate", "peak, as given", Log: true), new(Yardstick.Loss.Title, Yardstick.Loss.Unit),
        [.. sweeps.Select(sweep => new Series(sweep.Shape, Mark.Line, [.. sweep.Tries.Where(one => double.IsFinite(one.Loss)).Select(one => new Point(one.Setting, one.Loss))]))], Size: Size.Half);

    private static string Rate(double value) => Numerals.Plain(value);
}
