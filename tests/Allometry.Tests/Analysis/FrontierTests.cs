using Allometry.Analysis;
using CsCheck;

namespace Allometry.Tests.Analysis;

public sealed class FrontierTests
{
    // A coarse grid, so that ties on either side are common.
    private static readonly Gen<ParetoPoint[]> Points = Gen.Select(Gen.Int[1, 12], Gen.Int[0, 12]).Array[0, 25].Select(pairs =>
        pairs.Select((pair, i) => new ParetoPoint($"shape-{i:00}", pair.Item1, pair.Item2 / 10.0)).ToArray());

    [Fact]
    public void Holds_exactly_the_points_that_no_other_dominates() => Points.Sample(points =>
        Names(points.Where(point => !points.Any(other => other.Dominates(point)))) == Names(Frontier.Of(points).Points));

    [Fact]
    public void Every_other_point_is_beaten_by_the_best_that_costs_no_more() => Points.Sample(points =>
        Frontier.Of(points).Dominated.All(beaten =>
            beaten.By.Dominates(beaten.Point) && beaten.By.Quality == points.Where(other => other.Cost <= beaten.Point.Cost).Max(other => other.Quality)));

    [Fact]
    public void Loses_no_point_and_does_not_depend_on_the_order() => Gen.Shuffle(Points.Single()).Sample(shuffled =>
        Names(Frontier.Of(shuffled).Points) == Names(Frontier.Of(shuffled.OrderBy(point => point.Name)).Points)
        && Frontier.Of(shuffled).Points.Count + Frontier.Of(shuffled).Dominated.Count == shuffled.Length);

    [Fact]
    public void A_worked_case_says_by_whom_and_by_how_much()
    {
        var frontier = Frontier.Of([new("small", 2, 0.5), new("large", 8, 0.75), new("waste", 6, 0.25)]);
        Assert.Equal(["small", "large"], frontier.Points.Select(point => point.Name));
        var waste = Assert.Single(frontier.Dominated);
        Assert.Equal(("small", 0.25, 3.0), (waste.By.Name, waste.QualityGap, waste.CostRatio));
    }

    [Fact]
    public void Equals_in_both_are_all_on_it_but_of_equals_in_one_only_the_better()
    {
        Assert.Equal(["a", "b"], Frontier.Of([new("b", 1, 1), new("a", 1, 1)]).Points.Select(point => point.Name));
        Assert.Equal(["cheap"], Frontier.Of([new("dear", 2, 1), new("cheap", 1, 1)]).Points.Select(point => point.Name));
        Assert.Equal(["good"], Frontier.Of([new("bad", 1, 1), new("good", 1, 2)]).Points.Select(point => point.Name));
    }

    [Fact]
    public void A_point_without_a_number_is_set_aside_and_beats_nobody()
    {
        var frontier = Frontier.Of([new("failed", 0, double.NaN), new("endless", double.PositiveInfinity, 9), new("sound", 1, 0.1)]);
        Assert.Equal(["sound"], frontier.Points.Select(point => point.Name));
        Assert.Equal(["failed", "endless"], frontier.Excluded.Select(point => point.Name));
        Assert.Empty(frontier.Dominated);
    }

    [Fact]
    public void Of_no_points_it_is_empty() => Assert.Empty(Frontier.Of([]).Points);

    private static string Names(IEnumerable<ParetoPoint> points) => string.Join(' ', points.Select(point => point.Name).Order());
}
