namespace Allometry.Analysis.Laws;

/// <summary>What is expected of features at coefficients, usually a logarithm; the gradient by the coefficients is written into <paramref name="gradient"/>.</summary>
public delegate double Curve(double[] coefficients, double[] features, double[] gradient);
