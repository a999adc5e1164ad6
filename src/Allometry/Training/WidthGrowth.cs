using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>Growth in every size, weight by weight: each of the larger model is made of the one in its place in the smaller. What has none is a new layer.</summary>
public abstract record WidthGrowth : Growth
{
    [Description("Whose copies new layers are: stacking or interpolation. Left out: new layers stand on top of the old ones and change nothing yet, the matrices that write to the stream being zero.")]
    public DepthGrowth? Depth { get; init; }

    public override IEnumerable<Problem> Problems(Architecture architecture, Shape small, Shape large)
    {
        foreach (var problem in GrownWeight.Problems($"growth: {Catalogue.NameOf(this)}", architecture, small, large)) yield return problem;
        foreach (var problem in Depth?.ProblemsWithin($"growth: {Catalogue.NameOf(this)}: depth", architecture) ?? []) yield return problem;
    }

    public override void Grow(GrowthSite site)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var (from, to) = (site.Small.state_dict(), site.Large.state_dict());
        var source = Depth?.Sources(from.Keys, to.Keys) ?? (name => name);
        foreach (var weight in GrownWeight.Of(site.Large.Architecture, site.Large.Shape))
        {
            if (source(weight.Name) is var name && from.ContainsKey(name)) Fill(site, weight, name, to[weight.Name]);
            else if (weight.WritesToStream) to[weight.Name].zero_();
        }
    }

    /// <summary>Fills a weight of the larger model, which has fresh values, from that of the smaller one in its place, whose name is <paramref name="source"/>.</summary>
    protected abstract void Fill(GrowthSite site, GrownWeight weight, string source, Tensor fresh);

    /// <summary>A weight of the smaller model; null: it has none of that name.</summary>
    protected static Tensor? Old(GrowthSite site, string name) => site.Small.state_dict().GetValueOrDefault(name);

    /// <summary>The beginning of a tensor in every dimension, as large as a smaller one.</summary>
    protected static Tensor Corner(Tensor large, Tensor small) =>
        Enumerable.Range(0, (int)large.dim()).Aggregate(large, (rest, dimension) => rest.narrow(dimension, 0, small.size(dimension)));
}
