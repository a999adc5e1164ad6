using Allometry.Ranks;
using Allometry.Tasks;

namespace Allometry.Training;

/// <summary>The batches of one optimiser step, to be computed one after the other.</summary>
internal sealed record StepBatches(IReadOnlyList<Batch> Parts) : IDisposable
{
    /// <summary>
    /// The examples of a step in so many parts of like size, or fewer where there are not enough, and in more where lengths differ so much that more than this share
    /// of a part would be padding. The gradient of a step is the sum over its parts, so the parts decide what it costs and not what it is.
    /// The rows of each part are dealt out among the peers, and are as wide as if they were together.
    /// </summary>
    public static StepBatches Of(IReadOnlyList<Example> examples, int parts, double mostPadding, Peers peers) =>
        new([.. Cut(examples, parts, mostPadding, peers.Count).Select(part => Batch.Of(peers.Share(part), part.Max(example => example.Inputs.Length), part.Max(example => example.Targets.Length)))]);

    /// <summary>The same parts before they become tensors, of at least so many examples each where there are as many.</summary>
    public static IEnumerable<IReadOnlyList<Example>> Cut(IReadOnlyList<Example> examples, int parts, double mostPadding, int least = 1) =>
        Sorted(examples, parts).Chunk((examples.Count + parts - 1) / parts).SelectMany(part => Collator.Cut(part, mostPadding, least));

    private static IEnumerable<Example> Sorted(IReadOnlyList<Example> examples, int parts) =>
        parts == 1 ? examples : examples.OrderBy(example => example.Inputs.Length).ThenBy(example => example.Targets.Length);

    public void Dispose()
    {
        foreach (var batch in Parts) batch.Dispose();
    }
}
