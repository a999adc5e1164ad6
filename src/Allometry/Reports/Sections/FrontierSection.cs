using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Quality, each task and the held-out loss against each cost, the frontier drawn as a step line.</summary>
public static class FrontierSection
{
    public static Section? Of(Findings findings)
    {
        var charts = from cost in findings.Costs from yardstick in findings.Yardsticks() select ChartOf(findings, yardstick, cost);
        Block[] drawn = [.. charts.Where(chart => !chart.IsEmpty)];
        return drawn.Length == 0 ? null : new("frontiers", "Quality against cost", [new Paragraph($"{Legend} {ShapePoint.NoteOn(findings.Shapes.Select(findings.Main.Of))}".Trim()), .. drawn]);
    }

    private const string Legend =
        "A filled point is on the frontier: no other shape is at least as good for at most the same cost. The step line is the best to be had at each cost; "
        + "shapes off it are hollow. Shapes equal in both are all on it.";

    private static Chart ChartOf(Findings findings, Yardstick yardstick, CostAxis cost)
    {
        var frontier = findings.FrontierOf(yardstick, cost);
        var shapes = findings.Shapes.Where(shape => yardstick.Of(shape) is not null && double.IsFinite(cost.Of(shape))).ToArray();
        var (scale, unit) = AxisScale.Of(cost.Unit);
        var byStanding = shapes.ToLookup(shape => frontier.Contains(shape.Name), shape => ShapePoint.Of(shape, cost.Of(shape) / scale, yardstick.Of(shape)!));
        return new(
            $"{yardstick.Name.Replace('/', '-')}-against-{cost.Name}", yardstick == findings.Main ? $"{yardstick.Title} against {Words.LowerFirst(cost.Title)}" : yardstick.Title,
            Axis.Over(cost.Title, unit, shapes.Select(cost.Of)), new(yardstick.Title, yardstick.Unit),
            [
                new("frontier", Mark.Steps, [.. Steps(frontier, shapes.Select(cost.Of)).Select(point => new Point(point.Cost / scale, yardstick.Sign * point.Quality))]),
                new("dominated", Mark.MutedDots, [.. byStanding[false]]),
                new("on the frontier", Mark.Dots, [.. byStanding[true]]),
            ],
            BaselineNote(findings, yardstick), yardstick == findings.Main ? Size.Full : Size.Quarter);
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
