using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Papers.Ligo;

/// <summary>Growth in width by copies of channels, of whole heads and of hidden units; what reads copies reads each for a share.</summary>
public abstract record CopyGrowth : WidthGrowth
{
    /// <summary>How far the shares of copies are from alike.</summary>
    protected abstract double Unevenness { get; }

    /// <summary>Whether channels are scaled so that their mean square stays exactly what it was, whatever the number of copies.</summary>
    protected virtual bool KeepsMeanSquare => true;

    public override IEnumerable<Problem> Problems(Architecture architecture, Shape small, Shape large)
    {
        foreach (var problem in base.Problems(architecture, small, large)) yield return problem;
        if (small.HeadWidth != large.HeadWidth)
            yield return new($"growth: {Catalogue.NameOf(this)}", $"heads are copied whole, and those of {ShapeName.Of(large)} are {large.HeadWidth} wide instead of {small.HeadWidth}", "let shapes differ in the number of heads, or take the growth function-preserving");
    }

    protected override void Fill(GrowthSite site, GrownWeight weight, string source, Tensor fresh)
    {
        var r = Math.Sqrt((double)site.Large.Shape.ModelWidth / site.Small.Shape.ModelWidth);
        fresh.copy_(Widened(site, weight, Old(site, source)!).mul_(weight.Correction(site.Large.Architecture, r)).view(fresh.shape));
    }

    /// <summary>A smaller weight with each of its dimensions copied; rows of heads are two dimensions.</summary>
    protected Tensor Widened(GrowthSite site, GrownWeight weight, Tensor old)
    {
        var grown = weight.ByHeads(old, site.Small.Shape);
        for (var (side, dimension) = (0, 0); side < weight.Sides.Count; side++, dimension++)
        {
            if (CopiesOf(site, weight, weight.Sides[side]) is { } copies) grown = Scaled(copies.Take(grown, dimension), dimension, weight.Sides[side], copies);
            if (weight.Sides[side].Over == Over.HeadRows) dimension++;
        }
        return grown;
    }

    /// <summary>The copies along one side; null: it does not grow. All weights that meet there have the same.</summary>
    private Copies? CopiesOf(GrowthSite site, GrownWeight weight, Side side)
    {
        var (small, large) = (site.Small.Shape, site.Large.Shape);
        return side.Over switch
        {
            Over.Stream => Of(small.ModelWidth, large.ModelWidth, "stream"),
            // The bias of positions is one table a stack: all its layers copy the same heads.
            Over.Heads or Over.HeadRows => Of(small.Heads, large.Heads, $"{weight.Stack}/{(weight.Sublayer is CrossAttention ? "cross" : "self")}"),
            Over.Units => Of(small.FeedForwardWidth, large.FeedForwardWidth, $"{weight.Layer!.Stack}/{weight.Layer.Layer}/{weight.Layer.Rest.Split('.')[1]}"),
            _ => null,
        };

        Copies? Of(int from, int to, string purpose) => from == to ? null : Copies.Of(from, to, Unevenness, site.Seed, purpose);
    }

    private Tensor Scaled(Tensor copied, int dimension, Side side, Copies copies) => (side.Over, side.Flow, KeepsMeanSquare) switch
    {
        (Over.Stream, Flow.Writes, true) => Copies.Times(copied, dimension, copies.Scale),
        (Over.Stream, Flow.Reads, true) => Copies.Times(copied, dimension, [.. copies.Share.Zip(copies.Scale, (share, scale) => share / scale)]),
        (_, Flow.Reads, _) => Copies.Times(copied, dimension, copies.Share),
        _ => copied,
    };
}
