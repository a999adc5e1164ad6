using System.Text.Json.Nodes;
using Allometry.Costs;
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

    /// <summary>Whether growing itself trains something; what that takes is part of what the larger model costs.</summary>
    public virtual bool Learns => false;

    /// <summary>What growing itself takes; <paramref name="step"/> is the larger model at the lengths and the batch of the training that follows.</summary>
    public virtual GrowthCost Count(Architecture architecture, Shape small, Shape large, CostSheet step) => GrowthCost.None;

    /// <summary>What reports call it: its kind, and the members that are not at their default.</summary>
    public string Word => Canonical.Node(this) is JsonObject members
        ? string.Join(", ", members.Select(member => member.Key == "kind" ? $"{member.Value}" : $"{member.Key} {WordOf(member.Value)}"))
        : Catalogue.NameOf(this);

    /// <summary>Fills the larger model's weights.</summary>
    public abstract void Grow(GrowthSite site);

    private static string WordOf(JsonNode? value) => value is JsonObject { Count: 1 } kind && kind["kind"] is { } name ? $"{name}" : value?.ToJsonString() ?? "";
}

/// <summary>What growing takes before the larger model's own first step.</summary>
/// <param name="Flops">Of matrix products.</param>
/// <param name="Bytes">Of memory beside what training the larger model takes.</param>
public sealed record GrowthCost(double Flops, double Bytes)
{
    public static GrowthCost None { get; } = new(0, 0);
}

/// <summary>What growing has to do with.</summary>
/// <param name="Small">The trained model; it stays as it is.</param>
/// <param name="Large">The one to fill, with the fresh weights of its seed.</param>
/// <param name="Batches">The text that the larger model will be trained on, for a growth that learns.</param>
/// <param name="Loss">What it will be trained to lower, summed over the target tokens.</param>
public sealed record GrowthSite(LanguageModel Small, LanguageModel Large, BatchSource Batches, Func<LanguageModel, Batch, LossOptions, LossTensors> Loss, long Seed)
{
    /// <summary>How the larger model will be trained.</summary>
    public TrainingOptions Options { get; init; } = new(new AdamW(), 1e-3, new Constant());

    /// <summary>Makes all steps of a training that is part of growing. The run that grows saves it, and goes on from there after a kill.</summary>
    public Action<Trainer> Train { get; init; } = trainer => trainer.Steps().Count();
}

/// <summary>Growth in depth alone, by copies of whole layers; everything outside the layers is taken over.</summary>
public abstract record DepthGrowth : Growth
{
    /// <summary>The smaller model's layer that a layer of the larger one copies, both from 0.</summary>
    protected abstract int Source(int layer, int small, int large);

    public override IEnumerable<Problem> Problems(Architecture architecture, Shape small, Shape large)
    {
        if (small.Vocabulary != large.Vocabulary) return [GrownWeight.OtherVocabularies($"growth: {Catalogue.NameOf(this)}")];
        return LayerProblems(architecture, small, large);
    }

    private IEnumerable<Problem> KindProblems(Stack stack, string name, (int Small, int Large) depth)
    {
        foreach (var layer in Enumerable.Range(0, depth.Large).Where(layer => !stack.Layer(layer).SequenceEqual(stack.Layer(Source(layer, depth.Small, depth.Large)))).Take(1))
            yield return new($"growth: {Catalogue.NameOf(this)}", $"layer {layer + 1} of the {name} would be a copy of layer {Source(layer, depth.Small, depth.Large) + 1}, which is of another kind", "take depths at which layers of a kind are copied to their own kind, or the growth function-preserving");
    }

    private IEnumerable<Problem> LayerProblems(Architecture architecture, Shape small, Shape large)
    {
        var (from, to) = (Sizes(architecture, small), Sizes(architecture, large));
        var depths = Depths(from.Keys, to.Keys);
        foreach (var stack in depths.Where(stack => stack.Value.Large < stack.Value.Small))
            yield return new($"{stack.Key}", $"{ShapeName.Of(large)} has {stack.Value.Large} layers and {ShapeName.Of(small)}, from which it should grow, {stack.Value.Small}", "order the shapes by depth");
        foreach (var problem in depths.Where(stack => stack.Value.Large >= stack.Value.Small).SelectMany(stack => KindProblems(GrownWeight.StackOf(architecture, stack.Key), stack.Key, stack.Value))) yield return problem;
        foreach (var (name, size) in to.Where(one => depths.Values.All(depth => depth.Large >= depth.Small)))
            if (!from.TryGetValue(Source(name, depths), out var copied) || !copied.SequenceEqual(size))
            {
                yield return new($"growth: {Catalogue.NameOf(this)}", $"it copies layers as they are, and '{name}' is another in {ShapeName.Of(large)} than in {ShapeName.Of(small)}", "let these shapes differ in their layers alone, or take the growth function-preserving");
                yield break;
            }
    }

    /// <summary>Why the new layers of another growth cannot begin as this one has them; none where they can.</summary>
    internal IEnumerable<Problem> ProblemsWithin(string where, Architecture architecture)
    {
        if (architecture.Stacks.Any(stack => stack.Pattern.Count > 1))
            yield return new(where, "the layers of this architecture are of several kinds, and a copy could stand where another kind belongs", "take function-preserving without depth, or an architecture whose layers are alike");
        if (Learns) yield return new(where, $"'{Catalogue.NameOf(this)}' trains its layers, and within another growth nothing would", "take stacking or interpolation");
    }

    public override void Grow(GrowthSite site)
    {
        using var still = TorchSharp.torch.no_grad();
        var (from, to) = (site.Small.state_dict(), site.Large.state_dict());
        var source = Sources(from.Keys, to.Keys);
        foreach (var (name, weight) in to) weight.copy_(from[source(name)]);
    }

    /// <summary>The weight of the smaller model that stands in the place of one of the larger one's, by the names of all.</summary>
    internal Func<string, string> Sources(IEnumerable<string> small, IEnumerable<string> large)
    {
        var depths = Depths(small, large);
        return name => Source(name, depths);
    }

    /// <summary>The smaller model's layer in the place of each of the larger one's.</summary>
    internal IReadOnlyList<int> Layers(int small, int large) => [.. Enumerable.Range(0, large).Select(layer => Source(layer, small, large))];

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
