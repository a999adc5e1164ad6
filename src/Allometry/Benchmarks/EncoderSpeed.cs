using System.Diagnostics;
using Allometry.Costs;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Native;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Benchmarks;

/// <summary>
/// One text through an encoder and back, by the length of the text: median seconds, and the bytes that a process which does nothing else needs for it at its peak.
/// <paramref name="Counted"/>: bytes that are kept for the backward pass, by arithmetic.
/// </summary>
public sealed record EncoderSpeed(string Attention, int Length, double Forward, double Backward, double Working, double Counted)
{
    // Two layers of width 256, gated feed-forward of 1,024, four heads of 64.
    private const int Layers = 2;
    private static readonly Shape Shape = new(256, 1024, 64, 4, EncoderLayers: Layers, Vocabulary: 2);

    public double Total => Forward + Backward;

    /// <summary>Those that an encoder of any length is timed with: full attention, and all that are for encoders alone.</summary>
    public static IReadOnlyList<string> Attentions =>
        [.. Catalogue.Of(typeof(Attention)).Where(entry => entry.Default() is MultiHeadAttention or Models.Attention { TwoSidedOnly: true }).Select(entry => entry.Name)];

    public static EncoderSpeed Measure(string attention, int length, int threads, int rounds)
    {
        Libtorch.EnsureLoaded();
        set_num_threads(threads);
        manual_seed(0);
        var encoder = Stack.Of(new SelfAttention(Reader.Read<Attention>(attention, "--attention")), new FeedForwardSublayer(new GatedFeedForward()));
        var place = new Place(new EncoderOnly(), Shape);
        using var stack = encoder.Build("encoder", Layers, place);
        using var x = randn(1, length, Shape.ModelWidth).requires_grad_();
        var before = Machine.PeakMemory();
        var median = new Turns([() => Step(stack, x)]).Take(rounds)[0].Median;
        return new(attention, length, median.Forward, median.Backward, Machine.PeakMemory() - before, encoder.Count("encoder", Layers, place, new Setting(1, length)).ActivationBytes);
    }

    /// <summary>By how much the logarithm of the time grows with that of the length, between two.</summary>
    public static double Slope(EncoderSpeed shorter, EncoderSpeed longer) => Math.Log(longer.Total / shorter.Total) / Math.Log((double)longer.Length / shorter.Length);

    private static StepTimes Step(StackModule stack, Tensor x)
    {
        using var scope = NewDisposeScope();
        using var pass = new Pass();
        using var context = new Context(pass);
        stack.zero_grad();
        var clock = Stopwatch.StartNew();
        var y = stack.forward(x, context);
        var there = clock.Elapsed.TotalSeconds;
        y.backward([ones_like(y)]);
        var total = clock.Elapsed.TotalSeconds;
        return new(there, total - there, 0, total);
    }
}
