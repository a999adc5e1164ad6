using Allometry.Experiments;

namespace Allometry.Backends;

/// <summary>Executes runs in this process, one after the other.</summary>
public sealed class Local : Backend
{
    public override void Execute(Execution execution) => execution.Run.Stage.Execute(execution);
}
