using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Training;

/// <summary>All layers of the smaller model, and again all of them, until the depth is reached (Gong et al. 2019, StackBERT).</summary>
[Kind("stacking"), Description("All layers of the smaller model, and again all of them.")]
public sealed record Stacking : DepthGrowth
{
    protected override int Source(int layer, int small, int large) => layer % small;
}
