using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>The mean is taken away, the deviation divided out; then a scale and a bias for each feature (Ba et al. 2016, arXiv 1607.06450).</summary>
[Kind("layer")]
public sealed record LayerNorm([property: Description("Added to the variance.")] double Epsilon = 1e-5) : Norm
{
    internal override bool HasKernel => true;

    public override Cost Count(Shape shape, Setting setting) =>
        // Kept: the input, and its mean and reciprocal deviation a position.
        new([new Weight("weight", [shape.ModelWidth]), new Weight("bias", [shape.ModelWidth])], ActivationBytes: 4 * setting.Tokens * (shape.ModelWidth + 2));

    public override nn.Module<Tensor, Tensor> Build(Place place) => new LayerNormModule(this, place);
}

internal sealed class LayerNormModule : RowNormModule
{
    public LayerNormModule(LayerNorm norm, Place place) : base(place, norm.Epsilon, centred: true)
    {
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => nn.functional.layer_norm(x, [x.size(-1)], weight, bias, epsilon);
}
