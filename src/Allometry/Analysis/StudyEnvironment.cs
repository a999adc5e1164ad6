namespace Allometry.Analysis;

/// <summary>Where a study ran, as far as it changes the clock: never a host name or a user name.</summary>
/// <param name="Machine">Processor model, cores and memory.</param>
/// <param name="Command">The command line that a reader types to repeat the study.</param>
public sealed record StudyEnvironment(string Machine, string Commit, string Version, int Threads, string Command, string Platform);
