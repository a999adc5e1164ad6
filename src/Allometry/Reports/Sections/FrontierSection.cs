using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Where each shape stands and what would do as well for less; quality and held-out loss against each cost, each task against the first, the frontier drawn as a step line.</summary>
public sealed record FrontierSection : StudySection
{
    public override Place Place => Place.Frontier;

    /// <summary>Null where nothing can be compared yet.</summary>
    public override Section? Of(Findings findings)
    {
        if (!findings.Yardsticks().Any()) return null;
        var trained = findings.Shapes.Count;
        findings = Findings.Of(findings.Study.WithGrown());
        if (!Compared(findings).Any()) return new("frontiers", Title, [new Paragraph(NoLosses)], InBrief: true);
        Yardstick[] sides = [.. Sides(findings)];
        string[] notes = [Legend, findings.Shapes.Count > trained ? Grown : "", ShapePoint.NoteOn(findings.Shapes.Select(findings.Main.Of)), findings.ComparesLosses ? "" : NoLosses];
        return new("frontiers", Title, [.. sides.Select(yardstick => StandingTable.Of(findings, yardstick)), .. sides.Select(yardstick => ReplacementTable.Of(findings, yardstick)), new Paragraph(string.Join(' ', notes.Where(note => note.Length > 0))), .. Charts(findings)], InBrief: true);
    }

    /// <summary>The pictures alone, which take far less than to hold every shape to every other.</summary>
    public static IEnumerable<Chart> Charts(Findings findings)
    {
        var sides = Sides(findings).ToArray();
        var charts = (from cost in findings.Costs from yardstick in sides select ChartOf(findings, yardstick, cost, sides.Length == 1 ? Size.Full : Size.Half))
            .Concat(from yardstick in Compared(findings).Except(sides) from cost in findings.Costs.Take(1) select ChartOf(findings, yardstick, cost, Size.Quarter));
        return charts.Where(chart => !chart.IsEmpty);
    }

    /// <summary>Downstream and upstream, as far as there are numbers: they need not agree.</summary>
    private static IEnumerable<Yardstick> Sides(Findings findings) => Compared(findings).Intersect(findings.Sides);

    private static IEnumerable<Yardstick> Compared(Findings findings) => findings.Yardsticks().Where(yardstick => findings.ComparesLosses || yardstick != Yardstick.Loss);

    public const string Title = "The frontier";

    private const string Legend =
        "A filled point is on the frontier: no other shape is at least as good for at most the same cost. The step line is the best to be had at each cost; "
        + "shapes off it are hollow. Shapes equal in both are all on it.";

    private const string Grown = "A grown model costs all that was trained on the way to it.";

    private static Chart ChartOf(Findings findings, Yardstick yardstick, CostAxis cost, Size size)
    {
        var frontier = findings.FrontierOf(yardstick, cost);
        var shapes = findings.Shapes.Where(shape => yardstick.Of(shape) is not null && double.IsFinite(cost.Of(shape))).ToArray();
        var (scale, unit) = AxisScale.Of(cost.Unit);
        var byStanding = shapes.ToLookup(shape => frontier.Contains(shape.Name), shape => ShapePoint.Of(shape, cost.Of(shape) / scale, yardstick.Of(shape)!));
        return new(
            $"{yardstick.Name.Replace('/', '-')}-against-{cost.Name}", size == Size.Quarter ? yardstick.Title : $"{yardstick.Title} against {Words.LowerFirst(cost.Title)}",
            Axis.Over(cost.Title, unit, shapes.Select(cost.Of)), new(yardstick.Title, yardstick.Unit),
            [
                new("frontier", Mark.Steps, [.. Steps(frontier, shapes.Select(cost.Of)).Select(point => new Point(point.Cost / scale, yardstick.Sign * point.Quality))]),
                new("dominated", Mark.MutedDots, [.. byStanding[false]]),
                new("on the frontier", Mark.Dots, [.. byStanding[true]]),
            ],
            BaselineNote(findings, yardstick), size);
    }

    /// <summary>The frontier, drawn on to the dearest shape: more money buys nothing better.</summary>
    private static IEnumerable<ParetoPoint> Steps(Frontier frontier, IEnumerable<double> costs) =>
        frontier.Points.Count == 0 ? [] : [.. frontier.Points, frontier.Points[^1] with { Cost = costs.Max() }];

    private static string BaselineNote(Findings findings, Yardstick yardstick)
    {
        if (!yardstick.Name.Contains('/')) return "";
        var baseline = findings.BaselineOf(yardstick.Name);
        string[] words = [.. Part("Majority", baseline.Majority), .. Part("chance", baseline.Chance)];
        return words.Length == 0 ? "" : $"{Words.List(words)}.";
    }

    private static IEnumerable<string> Part(string name, double? value) => value is { } number ? [$"{name} {Numerals.Score(number)}"] : [];
}
