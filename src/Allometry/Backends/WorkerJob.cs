using Allometry.Experiments;

namespace Allometry.Backends;

/// <summary>What a worker process is told on its standard input: which run of which store, and what a run does not know about itself.</summary>
/// <param name="Folder">Where the relative paths of the run's data files start.</param>
/// <param name="Branch">Where the run may begin.</param>
/// <param name="Until">The step after which the run pauses.</param>
/// <param name="Cache">Where token files and vocabularies are kept.</param>
public sealed record WorkerJob(string Store, string Run, string Folder, string Cache, TimeSpan CheckpointEvery, Pace? Pace, Branch? Branch = null, long? Until = null);
