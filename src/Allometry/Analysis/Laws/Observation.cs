namespace Allometry.Analysis.Laws;

/// <summary>One row that a law is fitted to: what is given, in the order of the law's variables, and what was measured.</summary>
/// <param name="Run">Rows of one run are drawn together when runs are resampled.</param>
public sealed record Observation(string Run, IReadOnlyList<double> X, double Y);
