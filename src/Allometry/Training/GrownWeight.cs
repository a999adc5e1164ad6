using System.Globalization;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>What one dimension of a weight runs over.</summary>
public enum Over
{
    /// <summary>Something that does not grow: tokens, buckets of distances.</summary>
    Fixed,

    /// <summary>The residual stream.</summary>
    Stream,

    /// <summary>Attention heads, one number each.</summary>
    Heads,

    /// <summary>Attention heads, the rows of one after those of the one before.</summary>
    HeadRows,

    /// <summary>Hidden units of a feed-forward.</summary>
    Units,
}

/// <summary>What a weight does with the values that a dimension of it runs over.</summary>
public enum Flow
{
    Writes,
    Reads,
    Scales,
}

/// <summary>One dimension of a weight.</summary>
public readonly record struct Side(Over Over, Flow Flow);

/// <summary>
/// A weight of a model, and what each of its dimensions runs over: what growth in width has to know. It knows multi-head attention, dense and gated feed-forwards, root-mean-square norms that stand before them,
/// relative positions or none; <see cref="Problems"/> names what is otherwise.
/// </summary>
/// <param name="Layer">Where it stands; null outside the layers.</param>
/// <param name="Sublayer">What it belongs to; null outside the layers.</param>
public sealed record GrownWeight(string Name, LayerName? Layer, Sublayer? Sublayer, IReadOnlyList<Side> Sides)
{
    private static readonly Side Written = new(Over.Stream, Flow.Writes), Read = new(Over.Stream, Flow.Reads), Scaled = new(Over.Stream, Flow.Scales);

    /// <summary>The weights of a model of known pieces, in the order of its tree.</summary>
    public static IReadOnlyList<GrownWeight> Of(Architecture architecture, Shape shape) =>
        [.. new ModelDescription(architecture, shape).Weights().Select(weight => Of(architecture, weight.Name))];

    /// <summary>The encoder, decoder: the first word of its name.</summary>
    public string Stack => Name.Split('.')[0];

    /// <summary>query, key, value, output, input, gate, norm, positions, embedding, head.</summary>
    public string Matrix => Name.Split('.')[^2];

    /// <summary>Whether it adds to the residual stream: a layer all of whose writers are zero changes nothing.</summary>
    public bool WritesToStream => Sides.Any(side => side == Written);

    /// <summary>Whether it is the gain of the norm before the logits.</summary>
    public bool IsLastNorm(Architecture architecture) => Layer is null && Matrix == "norm" && (Stack == "decoder" || architecture.Stacks.Count() == 1);

    /// <summary>The weight with a dimension more for each that runs over the rows of heads: heads, then rows of one.</summary>
    public Tensor ByHeads(Tensor weight, Shape shape) =>
        weight.view([.. Sides.Zip(weight.shape).SelectMany(side => side.First.Over == Over.HeadRows ? [shape.Heads, shape.HeadWidth] : new[] { side.Second })]);

    /// <summary>
    /// What the weight is multiplied with beside what its sides ask for, where the stream's width grows by the factor r^2: tied logits are products of the last states with the table, each of them r times
    /// as large as before, and where logits are divided by the root of the width that factor falls too.
    /// </summary>
    public double Correction(Architecture architecture, double r)
    {
        if (Matrix == "head" && Layer is null) return architecture.Rescaled ? r : 1;
        return IsLastNorm(architecture) && architecture.Tied ? (architecture.Rescaled ? 1 / r : 1 / (r * r)) : 1;
    }

    /// <summary>Why growth in width cannot do with an architecture, or with two shapes: falling sizes, other vocabularies, pieces that it does not know.</summary>
    public static IEnumerable<Problem> Problems(string where, Architecture architecture, Shape small, Shape large)
    {
        foreach (var (what, from, to) in Sizes(small).Zip(Sizes(large), (one, other) => (one.What, one.Size, other.Size)).Where(size => size.Item3 < size.Item2))
            yield return new(where, $"{ShapeName.Of(large)} has a smaller {what} ({to}) than {ShapeName.Of(small)} ({from}), from which it should grow", "order the shapes so that no size falls");
        if (small.Vocabulary != large.Vocabulary) yield return OtherVocabularies(where);
        if (!IsKnown(architecture))
            yield return new(where, "it knows multi-head attention, dense and gated feed-forwards, relative positions or none, and root-mean-square norms that stand before each sublayer and at the end, and this architecture has others", "take stacking or interpolation, or an architecture of these");
    }

    internal static Problem OtherVocabularies(string where) => new(where, "the two shapes have different vocabularies", "give both the same");

    private static (string What, int Size)[] Sizes(Shape shape) =>
    [
        ("model-width", shape.ModelWidth), ("feed-forward-width", shape.FeedForwardWidth), ("head-width", shape.HeadWidth), ("heads", shape.Heads),
        ("encoder-layers", shape.EncoderLayers), ("decoder-layers", shape.DecoderLayers),
    ];

    private static bool IsKnown(Architecture architecture) =>
        architecture is { Norm: RootMeanSquareNorm, Positions: RelativePositions or NoPositions, Patch: null } and not EncoderOnly { Pooler: true }
        && architecture.Stacks.All(stack => stack.FinalNorm && stack.Pattern.SelectMany(layer => layer).All(sublayer => IsKnown(architecture, sublayer)));

    private static bool IsKnown(Architecture architecture, Sublayer sublayer) => sublayer.Placement == NormPlacement.Pre && sublayer switch
    {
        SelfAttention self => (self.Attention ?? architecture.Attention) is MultiHeadAttention,
        CrossAttention cross => cross.Attention is null or MultiHeadAttention,
        FeedForwardSublayer feedForward => (feedForward.FeedForward ?? architecture.FeedForward) is DenseFeedForward or GatedFeedForward,
        _ => false,
    };

    private static GrownWeight Of(Architecture architecture, string name)
    {
        var (layer, path) = (LayerName.Of(name), name.Split('.'));
        var sublayer = layer is null ? null : StackOf(architecture, layer.Stack).Layer(layer.Layer)[int.Parse(layer.Rest.Split('.')[1], CultureInfo.InvariantCulture)];
        Side[] sides = path[^2] switch
        {
            "embedding" => [new(Over.Fixed, Flow.Writes), Written],
            "head" => [new(Over.Fixed, Flow.Writes), Read],
            "positions" => [new(Over.Fixed, Flow.Writes), new(Over.Heads, Flow.Writes)],
            "norm" => [Scaled],
            "query" or "key" or "value" => [new(Over.HeadRows, Flow.Writes), Read],
            "output" => [Written, new(sublayer is FeedForwardSublayer ? Over.Units : Over.HeadRows, Flow.Reads)],
            _ => [new(Over.Units, Flow.Writes), Read],
        };
        return new(name, layer, sublayer, path[^1] == "bias" ? [sides[0]] : sides);
    }

    internal static Stack StackOf(Architecture architecture, string name) => name == "decoder" ? architecture.Stacks.Last() : architecture.Stacks.First();
}
