using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>
/// An endless walk through examples that visits each once an epoch, as <see cref="Epochs"/> does, but deals the shuffled examples of up to <paramref name="window"/> batches anew:
/// neighbours in length share a batch, and the batches come in an order of chance. It depends on (examples, batch, window, seed) alone. A batch that ends one epoch
/// and begins the next is left as chance has it, so that no example moves from its epoch. Safe for several threads.
/// </summary>
public sealed class Buckets(IReadOnlyList<Example> examples, int batch, int window, long seed)
{
    private readonly Epochs epochs = new(examples.Count, seed, "tasks");
    private Dealt current = new(-1, []);

    /// <summary>The example at <paramref name="index"/>, counted from 0 and on over epochs.</summary>
    public Example At(long index)
    {
        var (epoch, place) = Math.DivRem(index, examples.Count);
        var dealt = current;
        if (dealt.Epoch != epoch) current = dealt = new(epoch, Deal(epoch));
        return examples[dealt.Items[place]];
    }

    private int[] Deal(long epoch)
    {
        int[] items = [.. Enumerable.Range(0, examples.Count).Select(place => epochs.At((epoch * examples.Count) + place))];
        var begun = (int)(epoch * examples.Count % batch); // places of a batch that the epoch before has filled
        var head = begun == 0 ? 0 : Math.Min(batch - begun, items.Length);
        var batches = (items.Length - head) / batch;
        var windows = (batches + window - 1) / window;
        for (var i = 0; i < windows; i++)
        {
            var (first, end) = ((int)((long)batches * i / windows), (int)((long)batches * (i + 1) / windows));
            Deal(items.AsSpan(head + (first * batch), (end - first) * batch), item => examples[item], batch, RandomStream.For(seed, "buckets", epoch, i));
        }

        return items;
    }

    /// <summary>Puts neighbours in length into one batch and the batches into an order of chance.</summary>
    internal static void Deal<T>(Span<T> items, Func<T, Example> example, int batch, RandomStream random)
    {
        if (items.Length <= batch) return;
        T[][] batches = [.. items.ToArray().OrderBy(item => example(item).Inputs.Length).ThenBy(item => example(item).Targets.Length).Chunk(batch)]; // equal lengths stay shuffled
        random.Shuffle(batches.AsSpan());
        for (var i = 0; i < batches.Length; i++) batches[i].CopyTo(items[(i * batch)..]);
    }

    private sealed record Dealt(long Epoch, int[] Items);
}
