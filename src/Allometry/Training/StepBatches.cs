using Allometry.Tasks;

namespace Allometry.Training;

/// <summary>The batches of one optimiser step, to be computed one after the other.</summary>
internal sealed record StepBatches(IReadOnlyList<Batch> Parts) : IDisposable
{
    /// <summary>
    /// The examples of a step in so many parts of like size, or fewer where there are not enough, and in more where lengths differ so much that more than this share
    /// of a part would be padding. The gradient of a step is the sum over its parts, so the parts decide what it costs and not what it is.
    /// </summary>
    public static StepBatches Of(IReadOnlyList<Example> examples, int parts, double mostPadding) =>
        new([.. Cut(examples, parts, mostPadding).Select(part => Batch.Of(part))]);

    /// <summary>The same parts before they become tensors.</summary>
    public static IEnumerable<IReadOnlyList<Example>> Cut(IReadOnlyList<Example> examples, int parts, double mostPadding) =>
        Sorted(examples, parts).Chunk((examples.Count + parts - 1) / parts).SelectMany(part => Collator.Cut(part, mostPadding));

    private static IEnumerable<Example> Sorted(IReadOnlyList<Example> examples, int parts) =>
        parts == 1 ? examples : examples.OrderBy(example => example.Inputs.Length).ThenBy(example => example.Targets.Length);

    public void Dispose()
    {
        foreach (var batch in Parts) batch.Dispose();
    }
}
