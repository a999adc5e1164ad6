namespace Allometry.Analysis.Laws;

/// <summary>A law's parameters, in the order of its symbols, and how well they were found.</summary>
/// <param name="Objective">What was minimised: the sum of Huber's losses, or half the sum of squares, of log residuals unless the law says otherwise.</param>
/// <param name="Agreeing">Starts that ended as low; null where the fit needs none.</param>
public sealed record Estimate(IReadOnlyList<double> Parameters, double Objective, int? Agreeing = null, int? Starts = null, double? Steepness = null);
