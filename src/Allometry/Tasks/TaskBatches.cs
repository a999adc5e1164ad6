using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>
/// Fine-tuning examples: every epoch goes through all examples of all tasks once, in an order of its own, so that tasks mix in proportion to their size.
/// </summary>
public sealed class TaskBatches : BatchSource
{
    private readonly IReadOnlyList<Example> examples;
    private readonly int batch;
    private readonly Epochs epochs;

    public TaskBatches(IReadOnlyList<Example> examples, int batch, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfZero(examples.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        (this.examples, this.batch, epochs) = (examples, batch, new Epochs(examples.Count, seed, "tasks"));
    }

    public override IReadOnlyList<Example> At(long step) => [.. Enumerable.Range(0, batch).Select(i => examples[epochs.At((step * batch) + i)])];
}
