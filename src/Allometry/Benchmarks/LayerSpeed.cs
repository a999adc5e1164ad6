using System.Diagnostics;
using Allometry.Kernels;
using Allometry.Models;
using Allometry.Native;
using MathNet.Numerics.Statistics;
using static TorchSharp.torch;

namespace Allometry.Benchmarks;

/// <summary>
/// Milliseconds of one feed-forward sublayer, forward and backward, on a shape's encoder batch, beside the dense one that costs a token as much. Medians over rounds in turn;
/// <paramref name="OverDense"/> is the median of the rounds' ratios.
/// </summary>
public sealed record LayerSpeed(double Ms, double DenseMs, double OverDense)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1), Block = TimeSpan.FromSeconds(0.1);

    public static LayerSpeed Measure(BenchShape shape, FeedForward feedForward, int threads, int rounds)
    {
        Libtorch.EnsureLoaded();
        set_num_threads(threads);
        manual_seed(0);
        using var scope = NewDisposeScope();
        var place = new Place(new EncoderDecoder(), shape.Shape);
        using var layer = new FeedForwardSublayer(feedForward).Build(place);
        using var dense = new FeedForwardSublayer(new DenseFeedForward()).Build(place);
        var states = randn(shape.Batch, shape.InputLength, shape.Shape.ModelWidth).requires_grad_(true);
        var steps = Math.Max(1, (int)(Block / Warm(dense, states)));
        double Time(SublayerModule module) => Enumerable.Range(0, steps).Select(_ => Step(module, states).TotalMilliseconds).Median();
        Warm(layer, states);
        var times = Enumerable.Range(0, rounds).Select(_ => (Layer: Time(layer), Dense: Time(dense))).ToList();
        return new(times.Select(time => time.Layer).Median(), times.Select(time => time.Dense).Median(), times.Select(time => time.Layer / time.Dense).Median());
    }

    /// <summary>The time of a step once the runtime has compiled what it needs.</summary>
    private static TimeSpan Warm(SublayerModule module, Tensor states)
    {
        var (clock, last) = (Stopwatch.StartNew(), TimeSpan.Zero);
        while (clock.Elapsed < WarmUp) last = Step(module, states);
        return last;
    }

    private static TimeSpan Step(SublayerModule module, Tensor states)
    {
        using var scope = NewDisposeScope();
        using var pass = new Pass();
        using var context = new Context(pass);
        var clock = Stopwatch.StartNew();
        var (loss, auxiliary) = (module.forward(states, context).sum(), pass.Auxiliary());
        using (Gradients.InPlace()) (auxiliary is null ? loss : loss + auxiliary).backward();
        var elapsed = clock.Elapsed;
        states.grad = null;
        foreach (var parameter in module.parameters()) parameter.grad = null;
        return elapsed;
    }
}
