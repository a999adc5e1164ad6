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

    /// <summary>Whether the hand-written kernels compute it, by itself and as a part of a sublayer.</summary>
    internal virtual bool HasKernel => false;

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
    internal override bool HasKernel => true;

    public override Cost Count(Shape shape, Setting setting) =>
        // Kept: the input, a reciprocal a position, and by library operations the normalised input before its scale.
        new([new Weight("weight", [shape.ModelWidth])], ActivationBytes: 4 * setting.Tokens * ((setting.Plain ? 2 : 1) * shape.ModelWidth + 1));

    public override nn.Module<Tensor, Tensor> Build(Place place) => new RootMeanSquareNormModule(this, place);
}

internal sealed class RootMeanSquareNormModule : RowNormModule
{
    public RootMeanSquareNormModule(RootMeanSquareNorm norm, Place place) : base(place, norm.Epsilon, centred: false)
    {
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => RmsNorm.Plain(x, weight, epsilon);
}

/// <summary>A norm of each position by itself that kernels know: with a scale and, where it subtracts the mean, a bias.</summary>
internal abstract class RowNormModule : nn.Module<Tensor, Tensor>
{
    protected readonly Parameter weight;
    protected readonly Parameter? bias;
    protected readonly double epsilon;

    protected RowNormModule(Place place, double epsilon, bool centred) : base("norm")
    {
        this.epsilon = epsilon;
        weight = place.Weight(new Beginning(WeightRole.Scale), place.Shape.ModelWidth);
        bias = centred ? place.Weight(new Beginning(WeightRole.Bias), place.Shape.ModelWidth) : null;
    }

    /// <summary>What kernels know of it.</summary>
    internal RowNorm Row => new(weight, epsilon, bias);

    /// <summary>The same as one operation.</summary>
    public Tensor Fused(Tensor x) => NormKernel.Run(x, Row);
}
