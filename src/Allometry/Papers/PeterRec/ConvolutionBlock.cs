using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Papers.PeterRec;

/// <summary>
/// NextItNet's residual block: relu(norm(convolution(relu(norm(convolution(x)))))), the second convolution at twice the dilation of the first. It stands in a stack
/// whose own norm is none.
/// </summary>
[Kind("convolution-block")]
public sealed record ConvolutionBlock(
    [property: Description("Positions between those that the first convolution sees; the second doubles it."), Range(1, 1 << 20)] int Dilation = 1,
    [property: Description("Positions that a convolution sees; odd where the stack is not causal."), Range(1, 1 << 10)] int Taps = 3) : Sublayer
{
    /// <summary>Standard deviation of a convolution's first values: truncated normal (the authors' code).</summary>
    internal const double Deviation = 0.02;

    [Description("Whether padding counts as zero for every convolution; where not, a user's state depends on how much padding stands before it, as in the authors' code.")]
    public bool MaskPadding { get; init; } = true;

    [Description("Added to the variance in its norms.")]
    public double Epsilon { get; init; } = 1e-8;

    internal LayerNorm Norm => new(Epsilon);

    protected override Cost CountMixer(Place place, Setting setting)
    {
        var width = place.Shape.ModelWidth;
        double products = 2.0 * Taps * width * width;
        var own = new Cost(
            [.. Of("first", width), .. Of("second", width)],
            ForwardFlops: 2 * products * setting.Tokens, DecodeFlops: 2 * products * setting.Batch,
            // Kept of each convolution: what it saw, and what its norm and its rectifier were given.
            ActivationBytes: 4 * setting.Tokens * 2 * (Taps + 2) * width);
        return place.Architecture.Patch is ConvolutionPatch patch ? own + patch.CountSites(place, setting) : own;
    }

    protected override Mixer BuildMixer(Place place) => new ConvolutionBlockModule(this, place);

    private IEnumerable<Weight> Of(string which, int width) =>
        [.. DilatedConvolution.Weights($"{which}convolution", Taps, width), new($"{which}norm.weight", [width]), new($"{which}norm.bias", [width])];
}

internal sealed class ConvolutionBlockModule : Mixer
{
    private readonly DilatedConvolution firstconvolution, secondconvolution;
    private readonly nn.Module<Tensor, Tensor> firstnorm, secondnorm;
    private readonly BottleneckModule? firstpatch, secondpatch;
    private readonly ConvolutionPatch? patch;
    private readonly bool masks;

    public ConvolutionBlockModule(ConvolutionBlock choice, Place place) : base("block")
    {
        (masks, patch) = (choice.MaskPadding, place.Architecture.Patch as ConvolutionPatch);
        (firstconvolution, firstnorm) = (new(place, choice.Taps, choice.Dilation), choice.Norm.Build(place));
        (secondconvolution, secondnorm) = (new(place, choice.Taps, 2 * choice.Dilation), choice.Norm.Build(place));
        (firstpatch, secondpatch) = (patch?.BuildSite(0, place), patch?.BuildSite(1, place));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Context context)
    {
        var inner = Half(x, firstconvolution, firstpatch, firstnorm, context);
        return Half(inner, secondconvolution, secondpatch, secondnorm, context);
    }

    private Tensor Half(Tensor x, DilatedConvolution convolution, BottleneckModule? branch, nn.Module<Tensor, Tensor> norm, Context context)
    {
        var seen = masks && context.KeyMask is { } real ? x.masked_fill(real.narrow(1, context.Offset, x.size(1)).logical_not().unsqueeze(-1), 0) : x;
        var y = convolution.forward(seen, context);
        return norm.forward(branch is null ? y : patch!.Graft(branch, x, y)).relu();
    }
}
