using Allometry.Store;

namespace Allometry.Experiments;

/// <summary>How an attempt at a run ended.</summary>
/// <param name="Reason">Why it did not end well.</param>
public sealed record RunEnd(PlannedRun Run, RunState State, string? Reason = null);
