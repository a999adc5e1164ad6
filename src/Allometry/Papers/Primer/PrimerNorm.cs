using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Papers.Primer;

/// <summary>Primer's norm: as layer normalisation, but what it divides by comes from the mean of x (x - mean), which is the variance up to rounding.</summary>
[Kind("primer")]
public sealed record PrimerNorm([property: Description("Added to the mean product.")] double Epsilon = 1e-6) : Norm
{
    internal override bool HasKernel => true;

    public override Cost Count(Shape shape, Setting setting) => new LayerNorm(Epsilon).Count(shape, setting) with
    {
        ActivationBytes = 4 * setting.Tokens * (setting.Plain ? (3 * shape.ModelWidth) + 1 : shape.ModelWidth + 2), // by library operations the input, without its mean, and divided
    };

    public override nn.Module<Tensor, Tensor> Build(Place place) => new PrimerNormModule(this, place);
}

internal sealed class PrimerNormModule : RowNormModule
{
    public PrimerNormModule(PrimerNorm norm, Place place) : base(place, norm.Epsilon, centred: true)
    {
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        var centred = x - x.mean([-1], keepdim: true);
        return centred * rsqrt((x * centred).mean([-1], keepdim: true) + epsilon) * weight + bias!;
    }
}
