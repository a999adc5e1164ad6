namespace Allometry.Tasks;

/// <summary>
/// Gives the examples of every training step. A pure function of the step: asking twice, or out of order, gives the same
/// examples, so that resuming a run needs no state, and what was made ahead and not used is no loss. The thread that asks need not be the one that trains.
/// </summary>
public abstract class BatchSource
{
    /// <summary>The examples of one optimiser step, counted from 0.</summary>
    public abstract IReadOnlyList<Example> At(long step);
}
