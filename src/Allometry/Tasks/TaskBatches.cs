using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>
/// Fine-tuning examples: every epoch goes through all examples of all tasks once, in an order of its own, so that tasks mix in proportion to their size.
/// </summary>
public sealed class TaskBatches : BatchSource
{
    private readonly IReadOnlyList<Example> examples;
    private readonly int batch;
    private readonly long seed;
    private Order current;

    public TaskBatches(IReadOnlyList<Example> examples, int batch, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfZero(examples.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        (this.examples, this.batch, this.seed) = (examples, batch, seed);
        current = Shuffle(0);
    }

    /// <summary>Steps in an epoch, the last one reaching into the next.</summary>
    public long StepsPerEpoch => (examples.Count + batch - 1) / batch;

    public override IReadOnlyList<Example> At(long step) => [.. Enumerable.Range(0, batch).Select(i => Example((step * batch) + i))];

    private Example Example(long index)
    {
        var (epoch, place) = Math.DivRem(index, examples.Count);
        var order = current;
        if (order.Epoch != epoch)
        {
            current = order = Shuffle(epoch);
        }

        return examples[order.Places[place]];
    }

    private Order Shuffle(long epoch)
    {
        int[] places = [.. Enumerable.Range(0, examples.Count)];
        RandomStream.For(seed, "tasks", epoch).Shuffle(places.AsSpan());
        return new Order(epoch, places);
    }

    private sealed record Order(long Epoch, int[] Places);
}
