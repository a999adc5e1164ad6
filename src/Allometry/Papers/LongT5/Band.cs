using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Papers.LongT5;

/// <summary>
/// A text cut into blocks one longer than the radius, so that all that a block may look at lies in itself and its two neighbours: its window. The last block is filled up;
/// a text of a single block is not, and has no neighbours.
/// </summary>
internal readonly record struct Band(int Radius, int Length)
{
    /// <summary>Queries of a block.</summary>
    public int Block { get; } = Math.Min(Radius + 1, Length);

    public int Blocks => (Length + Block - 1) / Block;

    /// <summary>Positions of all blocks.</summary>
    public int Padded => Blocks * Block;

    /// <summary>Positions of the neighbour on either side.</summary>
    public int Side => Blocks == 1 ? 0 : Block;

    /// <summary>Keys of a window.</summary>
    public int Window => Block + (2 * Side);

    /// <summary>Floating-point operations of scores and context of so many texts, all heads together this wide.</summary>
    public double Flops(int batch, int globals, double inner) => 4.0 * batch * Padded * (Window + globals) * inner;

    /// <summary>[batch, head, length, width] -> [batch * head * block, query, width]</summary>
    public Tensor Queries(Tensor x) => nn.functional.pad(x, [0, 0, 0, Padded - Length]).reshape(-1, Block, x.size(3));

    /// <summary>[batch, head, length, width] -> [batch * head * block, width, key]</summary>
    public Tensor Windows(Tensor x) => nn.functional.pad(x, [0, 0, Side, Padded - Length + Side]).unfold(2, Window, Block).reshape(-1, x.size(3), Window);

    /// <summary>Keys of the windows that are no text, from the real positions [batch, length] (null: all): bool [batch or 1, 1, block, 1, key]</summary>
    public Tensor Unseen(Tensor? real, Device device)
    {
        var text = real?.to(int8) ?? ones([1, Length], int8, device);
        return nn.functional.pad(text, [Side, Padded - Length + Side]).unfold(1, Window, Block).eq(0).unsqueeze(1).unsqueeze(3);
    }

    /// <summary>What is added to the scores of every block: the bias of each distance, and what hides it beyond the radius; [head or 1, 1, query, key].</summary>
    public Tensor Bias(PositionModule? positions, Tensor like)
    {
        var most = Block + Side - 1;
        var line = positions is { HasBias: true } ? Line(positions, most + 1) : zeros([1, (2 * most) + 1], like.dtype, like.device); // [head, distance from -most to most]
        var far = arange(-most, most + 1, int64, like.device).abs().gt(Radius);
        return line.masked_fill(far, Context.Hidden).unfold(1, Window, 1).flip(1).unsqueeze(1); // each further query begins one distance earlier
    }

    /// <summary>The bias of each distance below a length, either way: [head, 2 * length - 1]</summary>
    public static Tensor Line(PositionModule positions, int length) => positions.Line(length, length)
        ?? throw new InputException("positions", "local attention needs a bias that depends on the distance alone", "take relative positions, or none");
}
