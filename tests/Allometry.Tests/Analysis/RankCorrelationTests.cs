using Allometry.Analysis;
using Allometry.Text;
using MathNet.Numerics.Distributions;

namespace Allometry.Tests.Analysis;

public sealed class RankCorrelationTests
{
    [Fact]
    public void A_case_by_hand()
    {
        // Ranks 1 2 3 4 5 against 2 1 4 3 5: squares of differences sum to 4, so 1 - 6 x 4 / (5 x 24) = 0.8.
        var found = RankCorrelation.Of([(10, 0.2), (20, 0.1), (30, 0.4), (40, 0.3), (50, 0.5)])!;
        Assert.Equal((0.8, 5), (Math.Round(found.Value, 12), found.Count));
        // atanh 0.8 = 1.098612; half = 1.959964 x sqrt(1.32 / 2) = 1.592279: tanh(-0.493667) and tanh(2.690891).
        Assert.Equal(-0.457122, found.Interval!.Low, 1e-5);
        Assert.Equal(0.990837, found.Interval.High, 1e-5);
    }

    [Fact]
    public void A_perfect_order_of_few_is_no_certainty()
    {
        var found = RankCorrelation.Of([(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)])!;
        Assert.Equal((1, 1), (found.Value, found.Interval!.High));
        Assert.InRange(found.Interval.Low, 0.5, 0.95);
        Assert.Null(RankCorrelation.Of([(1, 1), (2, 2), (3, 3)])!.Interval);
        Assert.Null(RankCorrelation.Of([(1, 1), (2, 2)]));
        Assert.Null(RankCorrelation.Of([(1, 1), (2, 1), (3, 1), (4, 1)]));
    }

    // Of two normal numbers with correlation r, the rank correlation of the population is 6 / pi x asin(r / 2).
    [Theory]
    [InlineData(0.0, 8), InlineData(0.5, 12), InlineData(0.8, 12), InlineData(0.9, 7), InlineData(-0.7, 20)]
    public void The_interval_holds_the_truth_as_often_as_it_says(double r, int count)
    {
        var (truth, held) = (6 / Math.PI * Math.Asin(r / 2), 0);
        for (var sample = 0; sample < 2000; sample++)
        {
            var random = RandomStream.For(sample, "pairs", count);
            double Draw() => Normal.InvCDF(0, 1, random.Uniform() + 1e-12);
            var pairs = Enumerable.Range(0, count).Select(_ => (X: Draw(), Y: Draw())).Select(pair => (pair.X, (r * pair.X) + (Math.Sqrt(1 - (r * r)) * pair.Y))).ToArray();
            if (RankCorrelation.Of(pairs)!.Interval!.Holds(truth)) held++;
        }
        Assert.InRange(held / 2000.0, 0.92, 0.995);
    }
}
