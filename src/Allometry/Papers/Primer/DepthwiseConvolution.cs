using Allometry.Costs;
using Allometry.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Papers.Primer;

/// <summary>
/// Causal depth-wise convolution of [batch, length, channels]: each channel is a weighted sum of itself at its own position and at those right before it.
/// Nothing lies before the first position, and padding counts as nothing. While decoding it remembers what its next positions look back at.
/// </summary>
internal sealed class DepthwiseConvolution : Mixer
{
    private readonly ParameterList taps; // each [channels]; the first is that of the position itself

    /// <summary>The reference's first values: a half, and halves over the number of taps.</summary>
    public DepthwiseConvolution(Place place, int size, int channels) : base("convolution")
    {
        taps = new ParameterList([.. Enumerable.Range(0, size).Select(tap => place.Constant(tap == 0 ? 0.5 : 0.5 / size, channels))]);
        RegisterComponents();
    }

    /// <summary>Each [channels], that of the position itself first.</summary>
    internal IReadOnlyList<Tensor> Taps => [.. taps];

    /// <summary>The parameters of the convolution in a field of that name.</summary>
    public static IEnumerable<Weight> Weights(string name, int size, int channels) => Enumerable.Range(0, size).Select(tap => new Weight($"{name}.taps.{tap}", [channels]));

    public override Tensor forward(Tensor x, Context context)
    {
        if (context.KeyMask is { } real) x = x.masked_fill(real.narrow(1, context.Offset, x.size(1)).logical_not().unsqueeze(-1), 0);
        var before = taps.Count - 1;
        var seen = cat([context.Cache?.Load(this)?[0] ?? zeros([x.size(0), before, x.size(2)], x.dtype, x.device), x], 1); // [batch, before + length, channels]
        context.Cache?.Store(this, seen.narrow(1, x.size(1), before).contiguous());
        return Enumerable.Range(0, taps.Count).Select(tap => seen.narrow(1, before - tap, x.size(1)) * taps[tap]).Aggregate((sum, part) => sum + part);
    }
}
