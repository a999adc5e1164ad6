using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Papers.Ligo;

/// <summary>
/// Advanced knowledge initialisation (Chen et al. 2022, bert2BERT): as duplication, but the new heads and hidden units of a layer are those of the layer above it, so that no two are alike. It does not compute the same.
/// The last layer, above which there is none, copies its own.
/// </summary>
[Kind("aki"), Description("Copies of channels, and new heads and hidden units from the layer above.")]
public sealed record AdvancedKnowledge : CopyGrowth
{
    protected override double Unevenness => 0;

    protected override void Fill(GrowthSite site, GrownWeight weight, string source, Tensor fresh)
    {
        base.Fill(site, weight, source, fresh);
        if (LayerName.Of(source) is not { } layer || Old(site, (layer with { Layer = layer.Layer + 1 }).ToString()) is not { } above) return;
        var from = Widened(site, weight, above);
        var grown = weight.ByHeads(fresh, site.Large.Shape);
        for (var (side, dimension) = (0, 0); side < weight.Sides.Count; side++, dimension++)
        {
            if (First(weight.Sides[side], site) is { } first && first < grown.size(dimension))
            {
                var size = grown.size(dimension) - first;
                grown.narrow(dimension, first, size).copy_(from.narrow(dimension, first, size));
            }
            if (weight.Sides[side].Over == Over.HeadRows) dimension++;
        }
    }

    /// <summary>The first new one along a side whose new ones come from above.</summary>
    private static long? First(Side side, GrowthSite site) => side.Over switch
    {
        Over.HeadRows => site.Small.Shape.Heads,
        Over.Units => site.Small.Shape.FeedForwardWidth,
        _ => null,
    };
}
