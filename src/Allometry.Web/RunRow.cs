namespace Allometry.Web;

/// <summary>A run as a line of the page.</summary>
/// <param name="State">done, running, waiting, paused, interrupted, failed, skipped or stopped.</param>
/// <param name="Step">Of the last loss that is in the store.</param>
/// <param name="Version">Of the standing in which it last changed.</param>
public sealed record RunRow(
    string Id, string Shape, string Stage, string From, string? Task, long Seed, string State, string? Reason, long Step, long Steps, double? Loss, long Version);
