using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>Error = eps - k exp(-gamma L), averaged over tasks (Gadre et al. 2024, equation 5); least squares on the error itself.</summary>
[Kind("downstream"), Description("Error on tasks from the loss: eps - k exp(-gamma L).")]
public sealed record Downstream : ScalingLaw
{
    public override string Formula => "error = eps - k exp(-gamma L)";

    public override IReadOnlyList<string> Symbols { get; } = ["eps", "k", "gamma"];

    public override IReadOnlyList<Variable> Reads { get; } = [Variable.Loss];

    public override Variable Measures => Variable.Error;

    public override Variable Predicts => Variable.Error;

    public override Estimate Estimate(IReadOnlyList<Observation> points, IReadOnlyList<double>? near = null)
    {
        var mean = points.Average(point => point.X[0]);
        // Errors are at most 1, so that a delta of 1 is least squares.
        var fit = new RobustFit(Error, [.. points.Select(point => new[] { point.X[0] - mean })], [.. points.Select(point => point.Y)], new(1));
        var (high, low) = (points.Max(point => point.Y), points.Min(point => point.Y));
        double[][] starts = [.. from gamma in new[] { 0.3, 0.7, 1.5 } from eps in new[] { high, high + (high - low) } select new[] { eps, Math.Log(eps - low + 1e-6), gamma }];
        var minimum = near is null ? fit.Minimise(starts) : fit.Minimise([[near[0], Math.Log(near[1]) - near[2] * mean, near[2]], starts[0], starts[^1]], RobustFit.Rough);
        var at = minimum.Coefficients;
        return new([at[0], Math.Exp(at[1] + at[2] * mean), at[2]], minimum.Objective, minimum.Agreeing, minimum.Starts, minimum.Steepness);
    }

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => parameters[0] - parameters[1] * Math.Exp(-parameters[2] * x[0]);

    /// <summary>The lower the loss, the dearer.</summary>
    public override double Cost(IReadOnlyList<double> x) => 1 / x[0];

    public override double Residual(double predicted, double observed) => predicted - observed;

    public override double Shifted(double predicted, double residual) => predicted + residual;

    /// <summary>Coefficients: eps, ln k at the mean loss, gamma.</summary>
    private static double Error(double[] at, double[] features, double[] gradient)
    {
        var gap = Math.Exp(at[1] - at[2] * features[0]);
        (gradient[0], gradient[1], gradient[2]) = (1, -gap, gap * features[0]);
        return at[0] - gap;
    }
}
