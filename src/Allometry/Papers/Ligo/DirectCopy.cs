using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Papers.Ligo;

/// <summary>The smaller model's weights in the upper left corner of the larger one's, the rest as chance has it (Wang et al. 2023, section 2).</summary>
[Kind("direct-copy"), Description("The smaller model's weights in the first rows and columns of the larger one's, the rest as chance has it.")]
public sealed record DirectCopy : WidthGrowth
{
    protected override void Fill(GrowthSite site, GrownWeight weight, string source, Tensor fresh)
    {
        var from = weight.ByHeads(Old(site, source)!, site.Small.Shape);
        Corner(weight.ByHeads(fresh, site.Large.Shape), from).copy_(from);
    }
}
