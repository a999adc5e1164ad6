namespace Allometry.Store;

/// <summary>All that an attempt has left: how it went, what it has measured and what it has published.</summary>
public sealed record AttemptRecord(Attempt Attempt, IReadOnlyList<Measurement> Measurements, IReadOnlyList<Artifact> Artifacts);
