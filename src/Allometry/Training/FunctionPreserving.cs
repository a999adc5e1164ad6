using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Training;

/// <summary>
/// Growth in every size that leaves what the model computes as it is: what is new reads the residual stream with fresh weights and writes nothing to it yet. So every new part gets a gradient, and no two parts are alike.
/// In width the stream becomes x' = (r x, 0) with r the root of the ratio of the widths: its mean square, and with it every root-mean-square norm, stays exactly what it was; what writes to the stream is multiplied
/// by r and what reads it is divided by r. New layers are identities on top of the old ones, their last matrices zero.
/// </summary>
[Kind("function-preserving"), Description("Larger in any size and computing the same: new parts write nothing yet.")]
public sealed record FunctionPreserving : Growth
{
    public override bool PreservesFunction => true;

    public override IEnumerable<Problem> Problems(Architecture architecture, Shape small, Shape large)
    {
        foreach (var (what, from, to) in Sizes(small).Zip(Sizes(large), (one, other) => (one.What, one.Size, other.Size)).Where(size => size.Item3 < size.Item2))
            yield return new("growth: function-preserving", $"{ShapeName.Of(large)} has a smaller {what} ({to}) than {ShapeName.Of(small)} ({from}), from which it should grow", "order the shapes so that no size falls");
        if (small.Vocabulary != large.Vocabulary) yield return new("growth: function-preserving", "the two shapes have different vocabularies", "give both the same");
        if (architecture.Norm is not RootMeanSquareNorm || architecture.Stacks.SelectMany(stack => stack.Pattern).SelectMany(layer => layer).Any(sublayer => !IsKnown(architecture, sublayer)))
            yield return new("growth: function-preserving", "it knows multi-head attention, dense and gated feed-forwards, and root-mean-square norms that stand before them, and this architecture has others", "take stacking or interpolation, or an architecture of these");
    }

    public override void Grow(GrowthSite site)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var from = site.Small.state_dict();
        foreach (var (name, weight) in site.Large.state_dict())
        {
            if (from.TryGetValue(name, out var old)) Fill(new(site, LayerName.Of(name)?.Rest ?? name, name), old, weight);
            else if (IsWriter(name)) weight.zero_();
        }
    }

    private static void Fill(Part part, Tensor old, Tensor weight)
    {
        var (small, large) = (part.Site.Small.Shape, part.Site.Large.Shape);
        var r = Math.Sqrt((double)large.ModelWidth / small.ModelWidth);
        switch (part.Role)
        {
            case "query" or "key" or "value":
                var heads = weight.view(large.Heads, large.HeadWidth, large.ModelWidth);
                if (part.Role == "query") heads.narrow(0, 0, small.Heads).narrow(1, small.HeadWidth, large.HeadWidth - small.HeadWidth).zero_(); // scores stay what they were
                Corner(heads, old.view(small.Heads, small.HeadWidth, small.ModelWidth)).div_(r);
                break;
            case "output" when part.IsAttention:
                weight.zero_();
                Corner(weight.view(large.ModelWidth, large.Heads, large.HeadWidth), old.view(small.ModelWidth, small.Heads, small.HeadWidth)).mul_(r);
                break;
            case "output" or "embedding":
                weight.zero_();
                Corner(weight, old).mul_(r);
                break;
            case "input" or "gate":
                Corner(weight, old).div_(r);
                break;
            case "head":
                Corner(weight, old).div_(part.Site.Large.Architecture.Rescaled ? 1 : r); // the logits' own factor falls with the width
                break;
            case "last-norm":
                Corner(weight, old).mul_(part.Site.Large.Architecture is { Tied: true, Rescaled: var rescaled } ? (rescaled ? 1 / r : 1 / (r * r)) : 1); // the tied table is r times as large
                break;
            default: // norms of sublayers, and positions: a table of buckets by heads
                Corner(weight, old);
                break;
        }
    }

    /// <summary>Copies a tensor into the beginning of a larger one in every dimension, and returns that part of it.</summary>
    private static Tensor Corner(Tensor large, Tensor small)
    {
        var part = Enumerable.Range(0, (int)large.dim()).Aggregate(large, (rest, dimension) => rest.narrow(dimension, 0, small.size(dimension)));
        return part.copy_(small);
    }

    private static bool IsWriter(string name) => name.EndsWith(".mixer.output.weight", StringComparison.Ordinal);

    private static bool IsKnown(Architecture architecture, Sublayer sublayer) => sublayer.Placement == NormPlacement.Pre && sublayer switch
    {
        SelfAttention self => (self.Attention ?? architecture.Attention) is MultiHeadAttention,
        CrossAttention cross => cross.Attention is null or MultiHeadAttention,
        FeedForwardSublayer feedForward => (feedForward.FeedForward ?? architecture.FeedForward) is DenseFeedForward or GatedFeedForward,
        _ => false,
    };

    private static (string What, int Size)[] Sizes(Shape shape) =>
    [
        ("model-width", shape.ModelWidth), ("feed-forward-width", shape.FeedForwardWidth), ("head-width", shape.HeadWidth), ("heads", shape.Heads),
        ("encoder-layers", shape.EncoderLayers), ("decoder-layers", shape.DecoderLayers),
    ];

    /// <summary>A weight of both models.</summary>
    private sealed record Part(GrowthSite Site, string Rest, string Name)
    {
        /// <summary>query, key, value, output, input, gate; embedding, head; last-norm of the stack before the logits, norm, positions.</summary>
        public string Role => Rest.Split('.') switch
        {
            ["sublayers", _, "mixer", var matrix, "weight"] => matrix,
            [var stack, "norm", "weight"] when !IsMemory(stack) => "last-norm",
            [var whole, "weight"] => whole,
            [.., var last, "weight"] => last,
            _ => "",
        };

        /// <summary>Whether the mixer of this weight has queries.</summary>
        public bool IsAttention => Site.Small.state_dict().ContainsKey(Name.Replace(".output.", ".query.", StringComparison.Ordinal));

        /// <summary>An encoder whose output another stack reads.</summary>
        private bool IsMemory(string stack) => stack == "encoder" && Site.Large.Architecture.Stacks.Count() > 1;
    }
}
