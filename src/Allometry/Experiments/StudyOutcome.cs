namespace Allometry.Experiments;

/// <summary>How a study ended: how many of its runs were executed now, and which did not come to their end.</summary>
public sealed record StudyOutcome(int Executed, int Done, IReadOnlyList<(PlannedRun Run, string Reason)> NotDone, TimeSpan Elapsed)
{
    public bool Complete => NotDone.Count == 0;
}
