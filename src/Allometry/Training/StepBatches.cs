using Allometry.Tasks;

namespace Allometry.Training;

/// <summary>The batches of one optimiser step, to be computed one after the other.</summary>
internal sealed record StepBatches(IReadOnlyList<Batch> Parts) : IDisposable
{
    /// <summary>The examples of a step in so many parts, or fewer where there are not enough.</summary>
    public static StepBatches Of(IReadOnlyList<Example> examples, int parts) =>
        new([.. examples.Chunk((examples.Count + parts - 1) / parts).Select(part => Batch.Of(part))]);

    public void Dispose()
    {
        foreach (var batch in Parts) batch.Dispose();
    }
}
