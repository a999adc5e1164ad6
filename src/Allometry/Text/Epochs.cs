namespace Allometry.Text;

/// <summary>
/// An endless walk through <paramref name="count"/> items: every epoch visits each once, in an order of its own that depends on
/// (seed, purpose, epoch) alone. Safe for several threads.
/// </summary>
public sealed class Epochs(int count, long seed, string purpose)
{
    private Order current = Shuffle(count, seed, purpose, 0);

    /// <summary>The item at <paramref name="index"/>, counted from 0 and on over epochs.</summary>
    public int At(long index)
    {
        var (epoch, place) = Math.DivRem(index, count);
        var order = current;
        if (order.Epoch != epoch) current = order = Shuffle(count, seed, purpose, epoch);
        return order.Items[place];
    }

    private static Order Shuffle(int count, long seed, string purpose, long epoch) => new(epoch, RandomStream.For(seed, purpose, epoch).Permutation(count));

    private sealed record Order(long Epoch, int[] Items);
}
