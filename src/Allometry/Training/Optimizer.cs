using Allometry.Costs;
using TorchSharp.Modules;

namespace Allometry.Training;

/// <summary>How gradients change parameters.</summary>
public abstract record Optimizer
{
    /// <summary>The state for these parameters at the beginning of a run. Parameter names become names in the checkpoint.</summary>
    public abstract OptimizerState Build(IReadOnlyList<(string Name, Parameter Value)> parameters);

    /// <summary>Bytes that the state of these weights needs.</summary>
    public abstract double StateBytes(IEnumerable<Weight> weights);
}
