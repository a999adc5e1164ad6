using System.ComponentModel;
using System.Text.Json;
using Allometry.Kinds;

namespace Allometry.Models;

/// <summary>The sizes of a model; an architecture says what they are the sizes of. In YAML a name (<c>small-el16</c>), a map, or <c>{ from: tiny, heads: 8 }</c>.</summary>
public sealed record Shape(
    [Description("Width of the residual stream (d_model).")] int ModelWidth,
    [Description("Hidden width of a feed-forward sublayer (d_ff).")] int FeedForwardWidth,
    [Description("Width of one attention head (d_kv); heads times this need not equal the model width.")] int HeadWidth,
    [Description("Attention heads of a layer.")] int Heads,
    [Description("Layers of the encoder; a decoder-only model has none.")] int EncoderLayers = 0,
    [Description("Layers of the decoder; an encoder-only model has none.")] int DecoderLayers = 0,
    [Description("Rows of the embedding table.")] int Vocabulary = 32128,
    [Description("What reports call the shape.")] string? Name = null) : IReadable<Shape>, IChecked
{
    /// <summary>Width of all heads together.</summary>
    public int AttentionWidth => Heads * HeadWidth;

    static Shape? IReadable<Shape>.FromNode(Node node, ReadContext context) => node switch
    {
        ScalarNode name => ShapeName.Parse(name.Text),
        MapNode map when map["from"] is ScalarNode from =>
            context.ReadMembers<Shape>(map.Without("from").Over(context.Write(ShapeName.Parse(from.Text) with { Name = null }))),
        _ => context.ReadMembers<Shape>(node),
    };

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check() =>
        Sizes().Where(size => size.Value < size.Least).Select(size => ((string?)size.Member, $"'{Kebab(size.Member)}' is {size.Value}", $"it must be at least {size.Least}"));

    /// <summary>The shape itself; where sizes are impossible an <see cref="InputException"/> names them all.</summary>
    public Shape Checked()
    {
        var problems = ((IChecked)this).Check().Select(problem => new Problem($"shape {ShapeName.Of(this)}", problem.What, problem.Mend)).ToList();
        return problems.Count == 0 ? this : throw new InputException(problems);
    }

    /// <summary>What an architecture lacks in this shape; a problem names the shape.</summary>
    public IEnumerable<Problem> Lacks(Architecture architecture) =>
        from depth in architecture.Depths(this)
        where depth.Layers == 0
        select new Problem($"shape {ShapeName.Of(this)}", $"it has no '{depth.Member}', which an architecture of kind {Catalogue.NameOf(architecture)} needs", $"add '{depth.Member}: 4', or as many as you like");

    private IEnumerable<(string Member, int Value, int Least)> Sizes() =>
    [
        (nameof(ModelWidth), ModelWidth, 1), (nameof(FeedForwardWidth), FeedForwardWidth, 1), (nameof(HeadWidth), HeadWidth, 1), (nameof(Heads), Heads, 1),
        (nameof(EncoderLayers), EncoderLayers, 0), (nameof(DecoderLayers), DecoderLayers, 0), (nameof(Vocabulary), Vocabulary, 2),
    ];

    private static string Kebab(string member) => JsonNamingPolicy.KebabCaseLower.ConvertName(member);
}
