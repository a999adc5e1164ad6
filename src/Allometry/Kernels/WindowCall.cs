using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>What attention to a window of neighbours computes, and to a few global keys beside it where there are such; queries, keys and values are projected already.</summary>
/// <param name="Query">[batch, length, heads * head width], and so are key and value.</param>
/// <param name="Radius">Keys seen on either side, less than the length.</param>
internal sealed record WindowCall(Tensor Query, Tensor Key, Tensor Value, int Heads, int Radius)
{
    /// <summary>Bias by head and distance, [heads, 2 * radius + 1]; null: none.</summary>
    public Tensor? Line { get; init; }

    /// <summary>Real keys, bool [batch, length]; null: all.</summary>
    public Tensor? KeyMask { get; init; }

    /// <summary>Keys beside the window, [batch, global, heads * head width], and so are their values; null: none.</summary>
    public Tensor? GlobalKey { get; init; }

    public Tensor? GlobalValue { get; init; }

    /// <summary>The global to which each token belongs, -1: none; int64 [batch, length]. A text sees the globals up to that of its last token.</summary>
    public Tensor? Blocks { get; init; }

    /// <summary>Bias by head and distance from a token's global, [heads, 2 * global]: 1 - global first.</summary>
    public Tensor? GlobalLine { get; init; }

    /// <summary>The queries of so many positions, from the first on, share a row of <see cref="WeightMask"/>.</summary>
    public int Block { get; init; }

    /// <summary>Dropout of the weights, [batch * heads * blocks, 1, window + global], the window being a block with as many neighbours on either side as there are; null: none.</summary>
    public Tensor? WeightMask { get; init; }

    public int Batch => (int)Query.size(0);

    public int Length => (int)Query.size(1);

    public int Inner => (int)Query.size(2);

    public int Globals => GlobalKey is null ? 0 : (int)GlobalKey.size(1);
}
