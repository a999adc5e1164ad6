namespace Allometry.Tasks;

/// <summary>
/// Fine-tuning examples: every epoch goes through all examples of all tasks once, in an order of its own, so that tasks mix in proportion to their size.
/// Examples of like length share a batch, as far as a window of so many batches allows; a window of 1 leaves every batch as chance has it.
/// </summary>
public sealed class TaskBatches : BatchSource
{
    /// <summary>Batches that are sorted together where nothing else is said: enough for little padding, few enough that a batch stays a matter of chance.</summary>
    public const int Window = 64;

    private readonly int batch;
    private readonly Buckets buckets;

    public TaskBatches(IReadOnlyList<Example> examples, int batch, long seed, int window = Window)
    {
        ArgumentOutOfRangeException.ThrowIfZero(examples.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window);
        (this.batch, buckets) = (batch, new Buckets(examples, batch, window, seed));
    }

    public override IReadOnlyList<Example> At(long step) => [.. Enumerable.Range(0, batch).Select(i => buckets.At((step * batch) + i))];
}
