using Allometry.Kernels;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

public class NoiseTests
{
    [Theory, InlineData(1), InlineData(17), InlineData(100_000)]
    public void Numbers_stay_around_one_and_follow_the_generator(int count)
    {
        using var scope = NewDisposeScope();
        Tensor Drawn()
        {
            manual_seed(5);
            return Noise.Around1(0.25).Like(empty(count));
        }
        var noise = Drawn();
        Assert.True(noise.ge(0.75).logical_and(noise.lt(1.25)).all().item<bool>());
        Assert.Equal(noise.data<float>().ToArray(), Drawn().data<float>().ToArray());
        Assert.NotEqual(noise.data<float>().ToArray(), Noise.Around1(0.25).Like(empty(count)).data<float>().ToArray());
    }

    [Fact]
    public void They_are_even_and_neighbours_have_nothing_to_do_with_each_other()
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        const int Count = 1 << 18;
        var noise = (Noise.Around1(0.5).Like(empty(Count)) - 0.5).to(float64); // from 0 to 1
        var (error, centred) = (Math.Pow(Count, -0.5), noise - 0.5);
        Assert.InRange(noise.mean().item<double>(), 0.5 - (5 * error * 0.29), 0.5 + (5 * error * 0.29));
        Assert.InRange(centred.square().mean().item<double>() * 12, 1 - (5 * error), 1 + (5 * error)); // a uniform number's variance is 1 / 12
        foreach (var distance in (int[])[1, 2, 16, 256, 1 << 14])
            Assert.InRange((centred[distance..] * centred[..^distance]).mean().item<double>() * 12, -5 * error, 5 * error);
        var shares = (noise * 16).floor().to(int64).bincount(null, 16).to(float64) * 16.0 / Count;
        Assert.True((shares - 1).abs().max().item<double>() < 5 * error * 4);
    }

    [Fact]
    public void They_have_the_type_that_is_asked_for() => Assert.Equal(float64, Noise.Around1(0.1).Like(empty(3, 2, float64)).dtype);
}
