using Allometry.Models;

namespace Allometry.Training;

/// <summary>What a saved model is.</summary>
public sealed record ModelDescription(Architecture Architecture, Shape Shape);
