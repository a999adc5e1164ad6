namespace Allometry.Experiments;

/// <summary>Where a run may begin that shares its first steps with others: at what the trunk has kept of this step. Beginning there or at the first step makes no difference to any number, so it is no part of the run's identity.</summary>
/// <param name="Trunk">The run that makes the shared steps.</param>
public sealed record Branch(string Trunk, long Step);
