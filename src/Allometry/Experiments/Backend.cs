namespace Allometry.Experiments;

/// <summary>Where runs are executed: here, one after the other, or elsewhere.</summary>
public abstract class Backend
{
    /// <summary>Executes one run until it is done; throws what went wrong.</summary>
    public abstract void Execute(Execution execution);
}
