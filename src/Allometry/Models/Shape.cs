using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Models;

/// <summary>The sizes of a model; an architecture says what they are the sizes of. In YAML a word (<c>small-el16</c>) or a map.</summary>
public sealed record Shape(
    [Description("Width of the residual stream (d_model).")] int ModelWidth,
    [Description("Hidden width of a feed-forward sublayer (d_ff).")] int FeedForwardWidth,
    [Description("Width of one attention head (d_kv); heads times this need not equal the model width.")] int HeadWidth,
    [Description("Attention heads of a layer.")] int Heads,
    [Description("Layers of the encoder; an encoder-only model has no others.")] int EncoderLayers,
    [Description("Layers of the decoder; a decoder-only model has no others.")] int DecoderLayers,
    [Description("Rows of the embedding table.")] int Vocabulary = 32128,
    [Description("What reports call the shape.")] string? Name = null)
{
    /// <summary>Width of all heads together.</summary>
    public int AttentionWidth => Heads * HeadWidth;

    /// <summary>Everything that is wrong with the sizes; empty where nothing is.</summary>
    public IEnumerable<string> Problems() =>
        from size in Sizes()
        where size.Value < size.Least
        select $"{size.Name} is {size.Value}, but must be at least {size.Least}";

    /// <summary>The shape itself; where a size is impossible an <see cref="InputException"/> names all such sizes.</summary>
    public Shape Checked()
    {
        var problems = Problems().ToList();
        return problems.Count == 0 ? this : throw new InputException($"shape {ShapeName.Of(this)}", string.Join("; ", problems), "give every size a positive whole number");
    }

    private IEnumerable<(string Name, int Value, int Least)> Sizes() =>
    [
        ("model-width", ModelWidth, 1), ("feed-forward-width", FeedForwardWidth, 1), ("head-width", HeadWidth, 1), ("heads", Heads, 1),
        ("encoder-layers", EncoderLayers, 0), ("decoder-layers", DecoderLayers, 0), ("vocabulary", Vocabulary, 2),
    ];
}
