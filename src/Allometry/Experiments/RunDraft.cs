namespace Allometry.Experiments;

/// <summary>A run as a stage means it.</summary>
/// <param name="Role">What reports call it where that is not the stage's kind: such a run is no starting point of later stages.</param>
public sealed record RunDraft(Run Run, string? Role = null, Branch? Branch = null);
