using Allometry.Costs;
using Allometry.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Allometry.Papers.MetroT0;

/// <summary>Tells at each place whether its token was replaced: [batch, length, width] -> logits [batch, length]. Its last projection starts at zero.</summary>
internal sealed class DetectorModule : nn.Module<Tensor, Tensor>
{
    private readonly Projection? dense;
    private readonly nn.Module<Tensor, Tensor>? norm;
    private readonly Parameter weight, bias;

    public DetectorModule(DetectionHead head, Place place) : base("detector")
    {
        var width = place.Shape.ModelWidth;
        dense = head == DetectionHead.Simple ? null : Projection.FanIn(place, width, width, WeightRole.Head);
        norm = head == DetectionHead.Simple ? null : place.Architecture.Norm.Build(place);
        weight = place.Constant(0, 1, width);
        bias = place.Constant(0, 1);
        RegisterComponents();
    }

    public static CostSheet Count(DetectionHead head, Place place, Setting setting, double tokens)
    {
        var width = place.Shape.ModelWidth;
        Weight[] own = [new("weight", [1, width]), new("bias", [1])];
        if (head == DetectionHead.Simple) return new("detector", new Cost(own, ForwardFlops: 2 * tokens * width, ActivationBytes: 4 * tokens));
        var whole = new Cost([.. own, new("dense.weight", [width, width])], ForwardFlops: 2 * tokens * width * (width + 1), ActivationBytes: 4 * tokens * (2 * width + 1));
        return new("detector", whole, [new("norm", place.Architecture.Norm.Count(place.Shape, setting with { Length = setting.InputLength }))]);
    }

    public override Tensor forward(Tensor x)
    {
        if (dense is not null) x = norm!.forward(dense.forward(x).relu());
        return (Kernels.Products.Linear(x, weight) + bias).squeeze(-1);
    }
}
