using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A normalisation of the residual stream.</summary>
public abstract record Norm
{
    public abstract Cost Count(Shape shape, Setting setting);

    /// <summary>[batch, length, model width] -> the same</summary>
    public abstract nn.Module<Tensor, Tensor> Build(Place place);
}

/// <summary>Where a sublayer's norm stands.</summary>
public enum NormPlacement
{
    /// <summary>x + mixer(norm(x)): T5's.</summary>
    Pre,

    /// <summary>x + norm(mixer(x)).</summary>
    Output,

    /// <summary>norm(x + mixer(x)): the original transformer's.</summary>
    Post,
}

/// <summary>None: for stacks whose mixers bring norms of their own.</summary>
[Kind("none")]
public sealed record NoNorm : Norm
{
    public override Cost Count(Shape shape, Setting setting) => Cost.None;

    public override nn.Module<Tensor, Tensor> Build(Place place) => nn.Identity();
}

/// <summary>T5's: no mean is subtracted and nothing is added (Mesh TensorFlow, sublayer_rms_norm).</summary>
[Kind("rms")]
public sealed record RootMeanSquareNorm([property: Description("Added to the mean square.")] double Epsilon = 1e-6) : Norm
{
    public override Cost Count(Shape shape, Setting setting) =>
        // Kept: the input, a reciprocal a position, and by library operations the normalised input before its scale.
        new([new Weight("weight", [shape.ModelWidth])], ActivationBytes: 4 * setting.Tokens * ((setting.Plain ? 2 : 1) * shape.ModelWidth + 1));

    public override nn.Module<Tensor, Tensor> Build(Place place) => new RootMeanSquareNormModule(this, place);
}

internal sealed class RootMeanSquareNormModule : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly double epsilon;

    public RootMeanSquareNormModule(RootMeanSquareNorm norm, Place place) : base("norm")
    {
        epsilon = norm.Epsilon;
        weight = place.Weight(new Beginning(WeightRole.Scale), place.Shape.ModelWidth);
        RegisterComponents();
    }

    internal Parameter Scale => weight;

    internal double Epsilon => epsilon;

    public override Tensor forward(Tensor x) => RmsNorm.Plain(x, weight, epsilon);

    public Tensor Fused(Tensor x) => NormKernel.Run(x, weight, epsilon);
}
