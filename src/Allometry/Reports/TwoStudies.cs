using Allometry.Analysis;
using Allometry.Kinds;

namespace Allometry.Reports;

/// <summary>A study beside another of the same shapes, as one that spared beside one that did not: what it cost of the other, and whether both draw the same frontiers.</summary>
public static class TwoStudies
{
    /// <summary>Studies without a common shape are an <see cref="InputException"/>.</summary>
    public static Page Of(Study study, Study beside)
    {
        var (here, there) = (Findings.Of(study), Findings.Of(beside));
        if (!here.Shapes.Select(shape => shape.Name).Intersect(there.Shapes.Select(shape => shape.Name)).Any())
            throw new InputException(beside.Name, $"no shape of it is a shape of {study.Name}", "compare two studies of the same shapes");
        var agreements = Agreement.All(here, there);
        return new("Two studies", $"{study.Name} beside {beside.Name}", Words.Some(here.Shapes.Count, "shape"), study.Environment.Version,
        [
            new("answer", "The answer", [new Paragraph($"{Spent(study, beside)} {Agreeing(agreements)}", Lead: true), AgreementTable(agreements), ShapeTable(here, there)], InBrief: true),
            new("frontiers", "Both frontiers", [new Paragraph("Each step line is the best to be had at each cost in one of the studies; its points are the shapes on that frontier."), .. agreements.Select(one => ChartOf(here, there, one))]),
        ]);
    }

    private static string Spent(Study study, Study beside)
    {
        var (here, there) = (Work(study), Work(beside));
        return $"{study.Name} took {Numerals.Share(here.Flops / there.Flops)} of the compute of {NameBeside(study, beside)} ({Numerals.Flops(here.Flops)} of {Numerals.Flops(there.Flops)}) "
            + $"and {Numerals.Share(here.Seconds / there.Seconds)} of its time ({Numerals.Seconds(here.Seconds)} of {Numerals.Seconds(there.Seconds)}).";
    }

    /// <summary>One recipe may have made both.</summary>
    private static string NameBeside(Study study, Study beside) => beside.Name == study.Name ? "the one beside" : beside.Name;

    private static OwnWork Work(Study study) => new(study.Runs.Sum(run => run.Own.Flops), study.Runs.Sum(run => run.Own.Seconds));

    private static string Agreeing(IReadOnlyList<Agreement> agreements)
    {
        var same = agreements.Count(one => one.Holds);
        var tied = agreements.Count(one => one is { Holds: true, Level.Count: > 0 });
        return $"{same} of {Words.Some(agreements.Count, "frontier")} {(same == 1 ? "is" : "are")} the same{(tied > 0 ? $", {tied} of them but for ties within the noise of seeds" : "")}.";
    }

    private static Table AgreementTable(IReadOnlyList<Agreement> agreements) => new(
        "agreement", "Do both name the same frontier?",
        [Column.Words("yardstick", "Yardstick"), Column.Words("cost", "Against"), Column.Words("both", "On both"), Column.Words("level", "A tie"), Column.Words("lost", "Lost"), Column.Words("gained", "Gained")],
        [.. agreements.Select(one => (IReadOnlyList<Cell>)[Cell.Of(one.Yardstick.Title), Cell.Of(one.Cost.Title), Named(one.Both), Named(one.Level), Named(one.Lost), Named(one.Gained)])],
        "A tie: on one frontier, and off the other by no more than the noise between seeds (95 %). Lost: only on the frontier of the study beside. Gained: only on this study's.");

    private static Cell Named(IReadOnlyList<string> names) => names.Count == 0 ? Cell.Empty : Cell.Of(string.Join(", ", names));

    private static Table ShapeTable(Findings here, Findings there) => new(
        "both", "What each shape reached",
        [Column.Words("shape", "Shape"), .. here.Sides.SelectMany(Columns)],
        [.. here.Shapes.Select(shape => (IReadOnlyList<Cell>)[Cell.Of(shape.Name), .. here.Sides.SelectMany(yardstick => Pair(yardstick, shape, there))])],
        "Means over seeds. A dash: no number, as of a shape that was given up.");

    private static IEnumerable<Column> Columns(Yardstick yardstick) => [new(yardstick.Name, yardstick.Title, yardstick.Unit), new($"{yardstick.Name}-beside", "beside")];

    private static IEnumerable<Cell> Pair(Yardstick yardstick, ShapeSummary shape, Findings there) =>
    [
        Cell.Of(yardstick.Of(shape), Numerals.Score),
        there.Shapes.FirstOrDefault(other => other.Name == shape.Name) is { } other ? Cell.Of(yardstick.Of(other), Numerals.Score) : Cell.Empty,
    ];

    private static Chart ChartOf(Findings here, Findings there, Agreement one)
    {
        var (scale, unit) = AxisScale.Of(one.Cost.Unit);
        IEnumerable<Series> SeriesOf(Findings findings, string name, Mark mark)
        {
            Point[] frontier = [.. findings.FrontierOf(one.Yardstick, one.Cost).Points.Select(point => new Point(point.Cost / scale, one.Yardstick.Sign * point.Quality, Label: point.Name))];
            return [new($"frontier of {name}", Mark.Steps, frontier), new(name, mark, frontier)];
        }

        return new(
            $"both-{one.Yardstick.Name}-against-{one.Cost.Name}", $"{one.Yardstick.Title} against {Words.LowerFirst(one.Cost.Title)}",
            Axis.Over(one.Cost.Title, unit, here.Shapes.Concat(there.Shapes).Select(one.Cost.Of)), new(one.Yardstick.Title, one.Yardstick.Unit), [.. SeriesOf(here, here.Study.Name, Mark.Dots), .. SeriesOf(there, NameBeside(here.Study, there.Study), Mark.MutedDots)], "", Size.Half);
    }
}
