using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Papers.PeterRec;

/// <summary>
/// Convolution of [batch, length, model width] over positions that lie a dilation apart, with zeros outside: of a position and those before it where the stack is causal,
/// else of as many before as after. While decoding it remembers what its next positions look back at.
/// </summary>
internal sealed class DilatedConvolution : Mixer
{
    private readonly Parameter weight; // [model width, tap * model width], the earliest tap first
    private readonly Parameter bias;
    private readonly int taps, dilation, before;

    public DilatedConvolution(Place place, int taps, int dilation) : base("convolution")
    {
        var width = place.Shape.ModelWidth;
        (this.taps, this.dilation, before) = (taps, dilation, (taps - 1) * dilation / (place.Causal ? 1 : 2));
        weight = place.Weight(new Beginning(WeightRole.FeedForward, ConvolutionBlock.Deviation), width, taps * width);
        bias = place.Weight(new Beginning(WeightRole.Bias), width);
        RegisterComponents();
    }

    /// <summary>The parameters of the convolution in a field of that name.</summary>
    public static IEnumerable<Weight> Weights(string name, int taps, int width) => [new($"{name}.weight", [width, taps * width]), new($"{name}.bias", [width])];

    public override Tensor forward(Tensor x, Context context)
    {
        var (length, after) = (x.size(1), ((taps - 1) * dilation) - before);
        var seen = cat([context.Cache?.Load(this)?[0] ?? Nothing(x, before), x, Nothing(x, after)], 1); // [batch, before + length + after, model width]
        context.Cache?.Store(this, seen.narrow(1, length, before).contiguous());
        var side = cat([.. Enumerable.Range(0, taps).Select(tap => seen.narrow(1, tap * dilation, length))], -1); // [batch, length, tap * model width]
        return Products.Linear(side, weight) + bias;
    }

    private static Tensor Nothing(Tensor x, long length) => zeros([x.size(0), length, x.size(2)], x.dtype, x.device);
}
