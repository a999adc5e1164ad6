using static TorchSharp.torch;

namespace Allometry.Papers.LongT5;

/// <summary>A text cut into blocks of a fixed number of tokens, each of which one global stands for.</summary>
internal static class TextBlocks
{
    /// <summary>
    /// The block of each token of a text, from its real positions bool [batch, length]: int64 [batch, length]. Only blocks that the text fills count; what is left over at its end
    /// joins the last of them. Padding has none, -1, and neither has a text that fills no block.
    /// </summary>
    public static Tensor Of(Tensor real, int size)
    {
        var length = real.size(1);
        var whole = real.slice(1, size - 1, length, size).sum(1, keepdim: true, type: int64); // [batch, 1]
        return minimum(arange(length, int64, real.device).div(size, RoundingMode.floor), whole - 1).masked_fill(real.logical_not(), -1);
    }

    /// <summary>x [batch, length, width] -> the sum of each block's tokens [batch, block, width]; zero where the text does not reach.</summary>
    public static Tensor Sums(Tensor x, Tensor blocks, int count)
    {
        var (batch, width) = (x.size(0), x.size(2));
        var rows = blocks + 1 + ((count + 1) * arange(batch, int64, x.device).unsqueeze(1)); // the first row of each text gathers what belongs to no block
        return zeros([batch * (count + 1), width], x.dtype, x.device).index_add(0, rows.view(-1), x.reshape(-1, width), 1).view(batch, count + 1, width).narrow(1, 1, count);
    }

    /// <summary>
    /// What is added to the scores of tokens against globals [batch, head, length, global], from the bias of the distances 1 - global to global in blocks [head, 2 * global]:
    /// a text's own globals alone are seen.
    /// </summary>
    public static Tensor Bias(Tensor line, Tensor blocks)
    {
        var (batch, length, count) = (blocks.size(0), blocks.size(1), line.size(1) / 2);
        var rows = line.unfold(1, count, 1).index_select(1, (count - 1 - blocks).view(-1)); // [head, batch * length, global]
        var unseen = arange(count, int64, line.device).gt(blocks.amax([1], keepdim: true)); // [batch, global]
        return rows.view(-1, batch, length, count).transpose(0, 1).masked_fill(unseen.unsqueeze(1).unsqueeze(1), Models.Context.Hidden);
    }
}
