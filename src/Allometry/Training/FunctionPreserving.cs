using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>
/// Growth in every size that leaves what the model computes as it is: what is new reads the residual stream with fresh weights and writes nothing to it yet. So every new part gets a gradient, and no two parts are alike.
/// In width the stream becomes x' = (r x, 0) with r the root of the ratio of the widths: its mean square, and with it every root-mean-square norm, stays exactly what it was; what writes to the stream is multiplied
/// by r and what reads it is divided by r. New layers are identities on top of the old ones, their last matrices zero.
/// </summary>
[Kind("function-preserving"), Description("Larger in any size and computing the same: new parts write nothing yet.")]
public sealed record FunctionPreserving : WidthGrowth
{
    public override bool PreservesFunction => Depth is null;

    protected override void Fill(GrowthSite site, GrownWeight weight, string source, Tensor fresh)
    {
        var (small, large, architecture) = (site.Small.Shape, site.Large.Shape, site.Large.Architecture);
        var r = Math.Sqrt((double)large.ModelWidth / small.ModelWidth);
        var (from, to) = (weight.ByHeads(Old(site, source)!, small), weight.ByHeads(fresh, large));
        if (weight.WritesToStream) to.zero_();
        // Old heads score as before: their new queries are zero, their new keys as chance has them.
        if (weight.Matrix == "query") to.narrow(0, 0, small.Heads).narrow(1, small.HeadWidth, large.HeadWidth - small.HeadWidth).zero_();
        var factor = weight.Sides.Aggregate(weight.Correction(architecture, r), (product, side) => product * (side.Over, side.Flow) switch
        {
            (Over.Stream, Flow.Writes) => r,
            (Over.Stream, Flow.Reads) => 1 / r,
            _ => 1,
        });
        if (weight.Matrix == "query" && IsScaled(weight.Sublayer!, architecture)) factor *= Math.Sqrt((double)large.HeadWidth / small.HeadWidth);
        var part = Corner(to, from).copy_(from);
        if (weight.Sides.Any(side => side is { Over: Over.Stream, Flow: Flow.Reads })) part.div_(1 / factor); // what is divided by r is rounded once
        else part.mul_(factor);
    }

    private static bool IsScaled(Sublayer sublayer, Architecture architecture) =>
        sublayer switch { SelfAttention self => self.Attention ?? architecture.Attention, CrossAttention cross => cross.Attention, _ => null } is MultiHeadAttention { Scaled: true };
}
