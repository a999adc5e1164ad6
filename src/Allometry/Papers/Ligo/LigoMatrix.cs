using Allometry.Models;
using Allometry.Training;

namespace Allometry.Papers.Ligo;

/// <summary>
/// One expansion matrix [new, old] of the operator: the paper's B of a module's output, or the A that is tied to one. Each layer of the smaller model has its own, but for the stream's, which is one for the model, and for
/// those of heads that the shared bias of relative positions binds together: queries and keys of a stack.
/// </summary>
/// <param name="Name">What is tied has the same.</param>
/// <param name="Layers">How many layers have their own; 0: one for all.</param>
internal sealed record LigoMatrix(string Name, int Layers, long New, long Old)
{
    /// <summary>Rows of a head, where what it expands are the rows of heads.</summary>
    public (int New, int Old) Head { get; init; } = (1, 1);

    public bool Grows => New != Old;

    /// <summary>Where an old row begins: in its own head.</summary>
    public long Place(long old) => (old / Head.Old * Head.New) + (old % Head.Old);

    /// <summary>What the dimensions of a weight are multiplied with; rows of heads that move with the bias are two dimensions: heads, then rows of one.</summary>
    public static IReadOnlyList<LigoMatrix> Of(Architecture architecture, Shape small, Shape large, GrownWeight weight, IReadOnlyList<long> sizes) =>
        [.. weight.Sides.Zip(sizes).SelectMany(side => Of(architecture, small, large, weight, side.First, side.Second))];

    private static IEnumerable<LigoMatrix> Of(Architecture architecture, Shape small, Shape large, GrownWeight weight, Side side, long size)
    {
        var depth = weight.Stack == "encoder" ? small.EncoderLayers : small.DecoderLayers;
        string Own(string ofOutput) => $"{weight.Stack}-{weight.Layer!.Rest.Split('.')[1]}-{(weight.Matrix == "output" ? ofOutput : weight.Matrix)}";
        var heads = new LigoMatrix($"{weight.Stack}-heads", 0, large.Heads, small.Heads);
        return side.Over switch
        {
            Over.Stream => [new("stream", 0, large.ModelWidth, small.ModelWidth)],
            Over.Heads => [heads],
            Over.HeadRows when weight is { Matrix: "query" or "key", Sublayer: SelfAttention } && architecture.Positions is RelativePositions => [heads, new($"{weight.Stack}-head", 0, large.HeadWidth, small.HeadWidth)],
            // What reads heads reads what the values write, what reads hidden units what the input writes.
            Over.HeadRows => [new(Own("value"), depth, large.AttentionWidth, small.AttentionWidth) { Head = (large.HeadWidth, small.HeadWidth) }],
            Over.Units => [new(Own("input"), depth, large.FeedForwardWidth, small.FeedForwardWidth)],
            _ => [new("fixed", 0, size, size)],
        };
    }
}
