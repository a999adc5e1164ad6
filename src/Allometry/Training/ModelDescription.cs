using Allometry.Costs;
using Allometry.Models;

namespace Allometry.Training;

/// <summary>What a saved model is.</summary>
/// <param name="Backbone">The model whose weights it shares but for those in its own file; null: its file has all of them.</param>
public sealed record ModelDescription(Architecture Architecture, Shape Shape, Backbone? Backbone = null)
{
    /// <summary>The parameters that it has, by our names; arithmetic alone.</summary>
    public IReadOnlyList<Weight> Weights() => [.. Architecture.Count(Shape, new Setting()).Weights];
}

/// <summary>A model that others are tuned from.</summary>
/// <param name="Folder">Its folder, as seen from the tuned one's.</param>
/// <param name="Weights">A hash of its weights' file: another model of the same shape will not do.</param>
public sealed record Backbone(string Folder, string Weights);
