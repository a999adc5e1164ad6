using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;

namespace Allometry.Training;

/// <summary>
/// How a trained model becomes the beginning of a larger one of the same architecture. What follows trains the larger one as if it had just been built: with a fresh optimiser, at the first step of its own schedule.
/// </summary>
public abstract record Growth
{
    /// <summary>Whether the larger model computes what the smaller one does, before it is trained.</summary>
    public virtual bool PreservesFunction => false;

    /// <summary>What keeps a model of one shape from growing into one of another; arithmetic alone.</summary>
    public abstract IEnumerable<Problem> Problems(Architecture architecture, Shape small, Shape large);

    /// <summary>Fills the larger model's weights.</summary>
    public abstract void Grow(GrowthSite site);
}

/// <summary>What growing has to do with.</summary>
/// <param name="Small">The trained model; it stays as it is.</param>
/// <param name="Large">The one to fill, with the fresh weights of its seed.</param>
/// <param name="Batches">The text that the larger model will be trained on, for a growth that learns.</param>
/// <param name="Loss">What it will be trained to lower, summed over the target tokens.</param>
public sealed record GrowthSite(LanguageModel Small, LanguageModel Large, BatchSource Batches, Func<LanguageModel, Batch, LossOptions, LossTensors> Loss, long Seed);

/// <summary>Growth in depth alone, by copies of whole layers; everything outside the layers is taken over.</summary>
public abstract record DepthGrowth : Growth
{
    /// <summary>The smaller model's layer that a layer of the larger one copies, both from 0.</summary>
    protected abstract int Source(int layer, int small, int large);

    public override IEnumerable<Problem> Problems(Architecture architecture, Shape small, Shape large)
    {
        var (from, to) = (Sizes(architecture, small), Sizes(architecture, large));
        var depths = Depths(from.Keys, to.Keys);
        foreach (var stack in depths.Where(stack => stack.Value.Large < stack.Value.Small))
            yield return new($"{stack.Key}", $"{ShapeName.Of(large)} has {stack.Value.Large} layers and {ShapeName.Of(small)}, from which it should grow, {stack.Value.Small}", "order the shapes by depth");
        foreach (var (name, size) in to.Where(one => depths.Values.All(depth => depth.Large >= depth.Small)))
            if (!from.TryGetValue(Source(name, depths), out var copied) || !copied.SequenceEqual(size))
            {
                yield return new($"growth: {Catalogue.NameOf(this)}", $"it copies layers as they are, and '{name}' is another in {ShapeName.Of(large)} than in {ShapeName.Of(small)}", "let these shapes differ in their layers alone, or take the growth function-preserving");
                yield break;
            }
    }

    public override void Grow(GrowthSite site)
    {
        using var still = TorchSharp.torch.no_grad();
        var (from, to) = (site.Small.state_dict(), site.Large.state_dict());
        var depths = Depths(from.Keys, to.Keys);
        foreach (var (name, weight) in to) weight.copy_(from[Source(name, depths)]);
    }

    private string Source(string name, Dictionary<string, (int Small, int Large)> depths) =>
        LayerName.Of(name) is { } layer && depths.TryGetValue(layer.Stack, out var depth) ? (layer with { Layer = Source(layer.Layer, depth.Small, depth.Large) }).ToString() : name;

    private static Dictionary<string, (int Small, int Large)> Depths(IEnumerable<string> small, IEnumerable<string> large)
    {
        static ILookup<string, LayerName> Stacks(IEnumerable<string> names) => names.Select(LayerName.Of).OfType<LayerName>().ToLookup(layer => layer.Stack);
        static int Depth(IEnumerable<LayerName> layers) => layers.Select(layer => layer.Layer + 1).DefaultIfEmpty(0).Max();
        var (from, to) = (Stacks(small), Stacks(large));
        return to.ToDictionary(stack => stack.Key, stack => (Depth(from[stack.Key]), Depth(stack)));
    }

    private static Dictionary<string, IReadOnlyList<long>> Sizes(Architecture architecture, Shape shape) =>
        new ModelDescription(architecture, shape).Weights().ToDictionary(weight => weight.Name, weight => (IReadOnlyList<long>)[.. weight.Shape]);
}
