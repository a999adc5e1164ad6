namespace Allometry.Analysis;

/// <summary>One frontier as two studies of the same shapes draw it: one that spared and one that did not.</summary>
/// <param name="Both">Shapes on both frontiers.</param>
/// <param name="Level">Shapes on one only that the other cannot tell, at 95 %, from the shape that beats them there: ties.</param>
/// <param name="Lost">On the frontier of the study beside, off this one's, and no tie.</param>
/// <param name="Gained">On this study's frontier, off the other's, and no tie.</param>
public sealed record Agreement(
    Yardstick Yardstick, CostAxis Cost, IReadOnlyList<string> Both, IReadOnlyList<string> Level, IReadOnlyList<string> Lost, IReadOnlyList<string> Gained)
{
    /// <summary>Whether both name the same shapes, but for ties.</summary>
    public bool Holds => Lost.Count + Gained.Count == 0;

    /// <summary>For the answer's yardstick and the held-out loss against each cost of this study; only where one of the two has a frontier.</summary>
    public static IReadOnlyList<Agreement> All(Findings here, Findings there) =>
        [.. from yardstick in here.Sides
            from cost in here.Costs
            where new[] { here, there }.Any(findings => findings.FrontierOf(yardstick, cost).Points.Count > 0)
            select Of(here, there, yardstick, cost)];

    public static Agreement Of(Findings here, Findings there, Yardstick yardstick, CostAxis cost)
    {
        var (ours, theirs) = (here.FrontierOf(yardstick, cost), there.FrontierOf(yardstick, cost));
        var lost = theirs.Points.Where(point => !ours.Contains(point.Name)).ToLookup(point => IsTie(yardstick, cost, point.Name, there, here));
        var gained = ours.Points.Where(point => !theirs.Contains(point.Name)).ToLookup(point => IsTie(yardstick, cost, point.Name, here, there));
        return new(
            yardstick, cost, Names(ours.Points.Where(point => theirs.Contains(point.Name))),
            Names(lost[true].Concat(gained[true])), Names(lost[false]), Names(gained[false]));
    }

    /// <summary>
    /// Whether a shape on the frontier of one study stands off the other's by no more than the noise of seeds. Where the other has no number for it (it gave the shape up),
    /// the first study is asked: would its frontier without the shape be worse there by more than the noise?
    /// </summary>
    private static bool IsTie(Yardstick yardstick, CostAxis cost, string name, Findings on, Findings off)
    {
        if (off.FrontierOf(yardstick, cost).Dominated.FirstOrDefault(one => one.Point.Name == name) is { } beaten) return off.IsLevel(yardstick, beaten);
        var point = on.FrontierOf(yardstick, cost).Points.Single(one => one.Name == name);
        var without = yardstick.Against(cost, on.Shapes.Where(shape => shape.Name != name)).Points.LastOrDefault(one => one.Cost <= point.Cost);
        return without is not null && on.IsLevel(yardstick, new(without with { Cost = point.Cost }, point));
    }

    private static IReadOnlyList<string> Names(IEnumerable<ParetoPoint> points) => [.. points.Select(point => point.Name)];
}
