namespace Allometry.Experiments;

/// <summary>What all attempts of one process share.</summary>
public sealed record Desk(Materials Materials, Watcher Watcher, RunnerOptions Options, CancellationToken Stop);
