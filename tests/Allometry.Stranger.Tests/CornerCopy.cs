using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Stranger.Tests;

/// <summary>The smaller model's weights in the first rows and columns of the larger one's, the rest as chance has it.</summary>
[Kind("corner-copy"), Description("The smaller model's weights in a corner of the larger one's.")]
public sealed record CornerCopy : Growth
{
    public override IEnumerable<Problem> Problems(Architecture architecture, Shape small, Shape large)
    {
        if (large.ModelWidth < small.ModelWidth) yield return new("growth: corner-copy", "the model width falls", "order the shapes by their width");
    }

    public override void Grow(GrowthSite site)
    {
        using var still = no_grad();
        var small = site.Small.state_dict();
        foreach (var (name, weight) in site.Large.state_dict())
            if (small.TryGetValue(name, out var old)) Corner(weight, old).copy_(old);
    }

    private static Tensor Corner(Tensor large, Tensor small) =>
        Enumerable.Range(0, (int)large.dim()).Aggregate(large, (rest, dimension) => rest.narrow(dimension, 0, Math.Min(rest.size(dimension), small.size(dimension))));
}
