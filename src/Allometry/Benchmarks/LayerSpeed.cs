using System.Diagnostics;
using Allometry.Kernels;
using Allometry.Models;
using Allometry.Native;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Benchmarks;

/// <summary>
/// Milliseconds of one feed-forward sublayer, forward and backward, on a shape's encoder batch, beside the dense one that costs a token as much. Medians over rounds in turn;
/// <paramref name="OverDense"/> is the median of the rounds' ratios.
/// </summary>
public sealed record LayerSpeed(double Ms, double DenseMs, double OverDense)
{
    public static LayerSpeed Measure(BenchShape shape, FeedForward feedForward, int threads, int rounds)
    {
        Libtorch.EnsureLoaded();
        set_num_threads(threads);
        manual_seed(0);
        using var scope = NewDisposeScope();
        using var products = Products.In(shape.Precision);
        var place = new Place(shape.Architecture, shape.Shape);
        using var layer = new FeedForwardSublayer(feedForward).Build(place);
        using var dense = new FeedForwardSublayer(new DenseFeedForward()).Build(place);
        var states = randn(shape.Batch, shape.InputLength, shape.Shape.ModelWidth).requires_grad_(true);
        var times = new Turns([() => Step(layer, states), () => Step(dense, states)]).Take(rounds);
        return new(1e3 * times[0].Median.Total, 1e3 * times[1].Median.Total, times[0].Over(times[1]));
    }

    private static StepTimes Step(SublayerModule module, Tensor states)
    {
        using var scope = NewDisposeScope();
        using var pass = new Pass();
        using var context = new Context(pass);
        var clock = Stopwatch.StartNew();
        var (loss, auxiliary) = (module.forward(states, context).sum(), pass.Auxiliary());
        var forward = clock.Elapsed;
        using (Gradients.InPlace()) (auxiliary is null ? loss : loss + auxiliary).backward();
        var total = clock.Elapsed;
        states.grad = null;
        foreach (var parameter in module.parameters()) parameter.grad = null;
        return new(forward.TotalSeconds, (total - forward).TotalSeconds, 0, total.TotalSeconds);
    }
}
