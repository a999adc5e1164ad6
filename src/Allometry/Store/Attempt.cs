namespace Allometry.Store;

/// <summary>One try at a run: where, when, by which version, how it ended. Times are Unix seconds.</summary>
/// <param name="FromStep">The step it went on from: measurements of earlier attempts after it count no more.</param>
public sealed record Attempt(
    string Run, int Number, long FromStep, double Started, double? Ended, RunState State, string? Reason, string Machine, string Version);
