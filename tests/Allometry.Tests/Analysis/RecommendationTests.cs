using Allometry.Analysis;

namespace Allometry.Tests.Analysis;

public sealed class RecommendationTests
{
    [Fact]
    public void The_cheapest_of_those_that_cannot_be_told_from_the_best_is_recommended()
    {
        // Deviations of 0.01 with 6 degrees of freedom: means of three closer than 2.447 x 0.01 x sqrt(2 / 3) = 0.01998 are level.
        var advice = Recommendation.Of(Findings.Of(TableStudy.Of(Line("best", 100, 0.70), Line("level", 50, 0.681), Line("behind", 10, 0.679))))!;
        Assert.Equal(("level", "best", false), (advice.Shape.Name, advice.Best.Name, advice.IsBest));
        Assert.All(advice.Savings, saving => Assert.Equal(0.5, saving.Share, 12));
        Assert.True(Recommendation.Of(Findings.Of(TableStudy.Of(Line("best", 100, 0.70), Line("behind", 10, 0.67))))!.IsBest);
    }

    [Fact]
    public void Where_noise_is_not_known_it_is_the_best_and_without_results_nothing()
    {
        var one = Findings.Of(TableStudy.Of(new TableStudy.Line("cheap", 1, 1, 1, [(3, 0.6999, 1)]), new TableStudy.Line("best", 2, 2, 2, [(3, 0.7, 2)])));
        Assert.Equal("best", Recommendation.Of(one)!.Shape.Name);
        Assert.Null(Recommendation.Of(Findings.Of(TableStudy.Of())));
    }

    private static TableStudy.Line Line(string name, double cost, double quality) =>
        new(name, cost, cost, cost, [(3, quality - 0.01, cost), (3, quality, cost), (3, quality + 0.01, cost)]);
}
