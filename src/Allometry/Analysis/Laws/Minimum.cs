namespace Allometry.Analysis.Laws;

/// <summary>The lowest point that several starts have found.</summary>
/// <param name="Objective">The sum, not the mean, of Huber's losses.</param>
/// <param name="Steepness">The largest part of the gradient there, of the sum divided by delta: near zero at a minimum.</param>
/// <param name="Agreeing">How many starts ended as low, within a ten-thousandth.</param>
public sealed record Minimum(double[] Coefficients, double Objective, double Steepness, int Agreeing, int Starts);
