namespace Allometry.Experiments;

/// <summary>What a person may choose about the way of running; none of it changes a number.</summary>
/// <param name="CheckpointEvery">Time between two checkpoints: the most that a kill can lose.</param>
/// <param name="Retry">Whether runs that failed are tried again.</param>
/// <param name="Room">What there is for runs side by side; one after the other where left out.</param>
public sealed record RunnerOptions(TimeSpan CheckpointEvery, bool Retry = false, Pace? Pace = null, Room? Room = null);
