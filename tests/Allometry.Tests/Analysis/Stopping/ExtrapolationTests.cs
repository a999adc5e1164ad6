using Allometry.Analysis.Stopping;
using Allometry.Text;

namespace Allometry.Tests.Analysis.Stopping;

public class ExtrapolationTests
{
    /// <summary>Over many studies of several kinds (the last ones of shapes that can hardly be told apart): what ends on the naive frontier is given up no more often than stated, and yet much is saved.</summary>
    [Theory]
    [InlineData(0.05, 12, 1, 0.004, 0.12, 0.25, 0.1, 0.9)]
    [InlineData(0.05, 12, 3, 0.01, 0.12, 0.25, 0.1, 0.9)]
    [InlineData(0.2, 12, 1, 0.004, 0.12, 0.25, 0.1, 0.8)]
    [InlineData(0.05, 24, 1, 0.02, 0, 0, 0.1, 0.8)]
    [InlineData(0.05, 12, 1, 0.002, 0.3, 0.5, 0.1, 1)]
    [InlineData(0.05, 24, 1, 0.02, 0.12, 0.25, 0.01, 1)]
    [InlineData(0.2, 24, 1, 0.01, 0.05, 0.25, 0.02, 1)]
    public void What_belongs_on_the_frontier_is_lost_no_more_often_than_stated(double error, int shapes, int seeds, double noise, double fall, double fallSpread, double apart, double most)
    {
        const int Studies = 100;
        var rule = new Extrapolation(error);
        var (onFrontier, lost, spent) = (0, 0, 0.0);
        for (var i = 0; i < Studies; i++)
        {
            var study = SimulatedStudy.Draw(RandomStream.For(11, $"study {error} {shapes} {seeds} {noise} {fall} {apart}", i), shapes, seeds, noise, fall, fallSpread, apart);
            var (given, share) = study.Run(rule);
            var frontier = study.Frontier();
            (onFrontier, lost, spent) = (onFrontier + frontier.Length, lost + frontier.Count(given.Contains), spent + (share / Studies));
        }
        TestContext.Current.SendDiagnosticMessage($"lost {lost} of {onFrontier} at {error}, spent {spent:0.000}");
        Assert.True(lost <= error * onFrontier, $"{lost} of {onFrontier} are lost");
        Assert.True(spent < most, $"{spent} of the naive steps are made");
    }

    /// <summary>Measured curves, with what is left of them beside their smoothed ones drawn anew in blocks from all of them; twelve of the fourteen shapes at a time, so that the pilots change too.</summary>
    [Theory]
    [InlineData(0.05)]
    [InlineData(0.3)]
    public void Of_resampled_measured_curves_no_more_frontier_points_are_lost_than_stated(double error)
    {
        var (onFrontier, lost) = (0, 0);
        for (var i = 0; i < 150; i++)
        {
            var study = ResampledStudy.Draw(RandomStream.For(5, "resampled", i));
            var given = study.Run(new Extrapolation(error)).Lost;
            var frontier = study.Frontier();
            (onFrontier, lost) = (onFrontier + frontier.Length, lost + frontier.Count(given.Contains));
        }
        TestContext.Current.SendDiagnosticMessage($"resampled: lost {lost} of {onFrontier} at {error}");
        Assert.True(lost <= error * onFrontier, $"{lost} of {onFrontier} are lost");
    }

    [Fact]
    public void A_shape_that_is_far_behind_in_every_cost_is_given_up_and_told_why()
    {
        var lost = Assert.Single(new Extrapolation(Pilots: 3).Decide(Study([5, 1])));
        Assert.Equal("far", lost.Name);
        Assert.Contains("behind", lost.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shape_that_is_cheapest_in_one_cost_is_kept_however_bad_it_is() => Assert.Empty(new Extrapolation(Pilots: 3).Decide(Study([5, 0.1])));

    [Fact]
    public void Without_pilots_that_have_come_to_their_ends_nothing_is_foretold() =>
        Assert.Empty(new Extrapolation(Pilots: 3).Decide([.. Study([5, 1]).Select(one => one with { Runs = [.. one.Runs.Select(run => run with { Final = null })] })]));

    [Fact]
    public void A_curve_of_the_law_is_continued_to_where_it_ends()
    {
        var curve = Enumerable.Range(1, 12).Select(i => (Step: 20L * i, Loss: 2.5 + (9 * Math.Pow(20.0 * i, -0.4)))).ToArray();
        var forecast = CurveForecast.Of(new(curve, 1000))!;
        Assert.Equal(2.5 + (9 * Math.Pow(1000, -0.4)), Math.Exp(forecast.Log), 3);
        Assert.Null(CurveForecast.Of(new(curve[..5], 1000)));
        Assert.Null(CurveForecast.Of(new([.. curve.Select(point => (point.Step, 8 - point.Loss))], 1000)));
    }

    /// <summary>Three pilots, one shape as good as they are, one far behind.</summary>
    private static Contender[] Study(double[] costsOfFar)
    {
        static UnfinishedRun Run(double least, bool pilot) => new(
            [.. Enumerable.Range(1, 12).Select(i => (20L * i, least + Math.Pow(20.0 * i, -0.4)))], 1000, pilot ? least + Math.Pow(1000, -0.4) - (0.1 + (0.001 * least)) : null);
        return [new("a", [1, 1], [Run(2.9, true)]), new("b", [2, 1], [Run(2.7, true)]), new("c", [4, 1], [Run(2.5, true)]), new("good", [4, 2], [Run(2.45, false)]), new("far", costsOfFar, [Run(3.4, false)])];
    }
}
