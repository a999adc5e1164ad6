namespace Allometry.Experiments;

/// <summary>How far a study is; <paramref name="Left"/> is the predicted time of what is not done, corrected by what the done runs took.</summary>
public sealed record StudyProgress(int Done, int Total, TimeSpan Left);
