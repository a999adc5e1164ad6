using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Papers.Ligo;

/// <summary>
/// Multi-stage layerwise training (Yang et al. 2020, arXiv 2011.13635): new layers are copies of the top ones and are trained alone for a while, with the norms above them and the head where it is not the table; then follows the training of everything.
/// Several stages are several shapes.
/// </summary>
[Kind("top-layers"), Description("Copies of the top layers on top, which are trained alone at first; with the optimiser, the rate and the schedule of what follows.")]
public sealed record TopLayers(
    [property: Description("Steps in which only what is new is trained."), Range(1, long.MaxValue)] long Steps = 100) : DepthGrowth
{
    public override bool Learns => true;

    protected override int Source(int layer, int small, int large)
    {
        var copied = Math.Min(small, large - small);
        return layer < small ? layer : small - copied + ((layer - small) % copied);
    }

    /// <summary>
    /// Forward everything; backward twice that of what is trained, and once that of what a gradient passes through on its way: the logits, and of a decoder whose encoder grows all layers, which read what the encoder says.
    /// </summary>
    public override GrowthCost Count(Architecture architecture, Shape small, Shape large, CostSheet step)
    {
        var trained = Trained(architecture, small, large);
        double Of(Func<string, bool> which) => step.Walk().Where(piece => which(piece.Path + ".")).Sum(piece => piece.Sheet.Own.ForwardFlops);
        bool IsTrained(string path) => trained.Any(part => path.StartsWith(part, StringComparison.Ordinal));
        var encoderGrows = trained.Any(part => part.StartsWith("encoder.", StringComparison.Ordinal));
        bool Passes(string path) => !IsTrained(path) && (path is "." or "head." || (encoderGrows && path.StartsWith("decoder.", StringComparison.Ordinal)));
        return new(Steps * (step.ForwardFlops + (2 * Of(IsTrained)) + Of(Passes)), 0);
    }

    public override void Grow(GrowthSite site)
    {
        base.Grow(site);
        var trained = Trained(site.Large.Architecture, site.Small.Shape, site.Large.Shape);
        foreach (var (name, weight) in site.Large.named_parameters()) weight.requires_grad = trained.Any(part => name.StartsWith(part, StringComparison.Ordinal));
        using (var trainer = new Trainer(site.Large, site.Loss, site.Batches, site.Options, Steps, site.Seed)) site.Train(trainer);
        foreach (var weight in site.Large.parameters()) weight.requires_grad = true;
    }

    /// <summary>What the names of what is trained begin with.</summary>
    private static IReadOnlyList<string> Trained(Architecture architecture, Shape small, Shape large)
    {
        static IEnumerable<string> Of(string stack, int from, int to) =>
            to > from ? Enumerable.Range(from, to - from).Select(layer => $"{stack}.layers.{layer}.").Append($"{stack}.norm.") : [];

        var depths = architecture.Depths(small).Zip(architecture.Depths(large), (from, to) => (Stack: from.Member.Split('-')[0], From: from.Layers, To: to.Layers));
        return [.. depths.SelectMany(stack => Of(stack.Stack, stack.From, stack.To)), .. architecture.Tied ? [] : new[] { "head." }];
    }
}
