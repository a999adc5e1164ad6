using Allometry.Backends;

namespace Allometry.Cli;

/// <summary>How and where the runs of a recipe are computed, as the options of <c>run</c> and <c>plan</c> say it.</summary>
/// <param name="Cluster">Null: on this machine.</param>
public sealed record Way(string Device, bool Plain, bool Naive, int? Jobs, ClusterProfile? Cluster);
