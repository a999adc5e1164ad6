namespace Allometry.Experiments;

/// <summary>How a study ended: how many of its runs were executed now, which did not come to their end, and which were given up early.</summary>
public sealed record StudyOutcome(int Executed, int Done, IReadOnlyList<(PlannedRun Run, string Reason)> NotDone, IReadOnlyList<(PlannedRun Run, string Reason)> Stopped, TimeSpan Elapsed)
{
    public bool Complete => NotDone.Count == 0;
}
