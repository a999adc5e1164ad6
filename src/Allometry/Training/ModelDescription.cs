using Allometry.Costs;
using Allometry.Models;

namespace Allometry.Training;

/// <summary>What a saved model is.</summary>
public sealed record ModelDescription(Architecture Architecture, Shape Shape)
{
    /// <summary>The parameters that it has, by our names; arithmetic alone.</summary>
    public IReadOnlyList<Weight> Weights() => [.. Architecture.Count(Shape, new Setting()).Weights];
}
