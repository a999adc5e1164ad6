namespace Allometry.Store;

/// <summary>A run as the store knows it: an id, its place in the plan, and two pieces of JSON.</summary>
public sealed record StoredRun(string Id, int Position, string Description, string Prediction);
