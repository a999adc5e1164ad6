namespace Allometry.Store;

/// <summary>A folder that a run has made; <paramref name="Folder"/> is relative to the run's own, <paramref name="Facts"/> is JSON.</summary>
public sealed record Artifact(string Name, string Folder, string Facts);
