namespace Allometry.Experiments;

/// <summary>A run has come to where it waits for a decision; its state is saved.</summary>
public sealed class RunPausedException(long step) : Exception
{
    public long Step => step;
}
