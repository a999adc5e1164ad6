using Allometry.Analysis.Transfer;
using Allometry.Text;
using MathNet.Numerics.Distributions;

namespace Allometry.Tests.Analysis.Transfer;

public class TransferTests
{
    private static readonly double[] Rates = [0.0025, 0.005, 0.01, 0.02, 0.04, 0.08];

    [Fact]
    public void The_optimum_is_the_lowest_point_of_the_parabola_through_the_lowest_loss_and_its_neighbours()
    {
        // ln L = 3 + (log2 rate/0.03)^2: the lowest point is 0.03 whichever three rates surround it.
        var sweep = Rates.Select(rate => (rate, 3 + Math.Pow(Math.Log2(rate / 0.03), 2)));
        Assert.Equal(0.03, Optimum.Of(sweep)!.Value, 12);
        Assert.Equal(0.03, Optimum.Of([(0.01, 3 + Math.Pow(Math.Log2(1 / 3.0), 2)), (0.04, 3 + Math.Pow(Math.Log2(4 / 3.0), 2)), (0.05, 3 + Math.Pow(Math.Log2(5 / 3.0), 2))])!.Value, 12);
    }

    [Fact]
    public void At_an_edge_or_beside_a_training_that_diverged_it_is_the_lowest_itself()
    {
        Assert.Equal(0.02, Optimum.Of([(0.005, 4), (0.01, 3.5), (0.02, 3)])!.Value, 12);
        Assert.Equal(0.02, Optimum.Of([(0.01, 3.5), (0.02, 3), (0.04, double.NaN)])!.Value, 12);
        Assert.Null(Optimum.Of([(0.01, double.NaN), (0.02, double.PositiveInfinity)]));
    }

    [Fact]
    public void A_best_rate_at_an_edge_of_what_was_tried_is_told_from_one_between_others()
    {
        Assert.True(Optimum.IsAtEdge([(0.005, 4), (0.01, 3.5), (0.02, 3)]));
        Assert.True(Optimum.IsAtEdge([(0.02, 4), (0.01, 3.5), (0.005, 3)]));
        Assert.False(Optimum.IsAtEdge([(0.005, 4), (0.01, 3.5), (0.02, 3.6)]));
        Assert.False(Optimum.IsAtEdge([(0.01, 3.5), (0.02, 3), (0.04, double.NaN)]));
        Assert.False(Optimum.IsAtEdge([(0.01, double.NaN), (0.02, double.NaN)]));
    }

    /// <summary>Sweeps of shapes that are an eighth to a half as wide, with noise: the rate that the rule carries stays within a factor of two of the truth.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(-0.5)]
    [InlineData(-1)]
    public void What_small_shapes_find_is_carried_to_within_a_factor_of_two(double exponent)
    {
        for (var i = 0; i < 200; i++)
        {
            var random = RandomStream.For(3, $"transfer {exponent}", i);
            double Noise() => Normal.InvCDF(0, 1, Math.Clamp(random.Uniform(), 1e-9, 1 - 1e-9));
            double Best(double width) => 0.015 * Math.Pow(width / 64, exponent);
            var found = new[] { 32.0, 64, 128 }.Select(width => new BestSetting(width, Optimum.Of(Rates.Select(rate => (rate, 3 + (0.05 * Math.Pow(Math.Log(rate / Best(width)), 2)) + (0.002 * Noise()))))!.Value)).ToList();
            Assert.InRange(new PowerOfWidth().For(found, 256) / Best(256), 0.5, 2);
            Assert.InRange(new PowerOfWidth(exponent).For(found, 1024) / Best(1024), 0.5, 2);
        }
    }

    [Fact]
    public void One_width_without_an_exponent_is_carried_as_it_is()
    {
        Assert.Equal(0.02, new PowerOfWidth().For([new(64, 0.02)], 512), 12);
        Assert.Equal(0.0025, new PowerOfWidth(-1).For([new(64, 0.02)], 512), 12);
        Assert.Equal(0.02 / 8, new PowerOfWidth().For([new(32, 0.04), new(64, 0.02)], 512), 12);
    }
}
