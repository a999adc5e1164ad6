using Allometry.Kinds;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;

namespace Allometry.Analysis.Laws;

/// <summary>
/// Fits a curve to targets by the least sum of Huber's losses, from several starts with BFGS (MathNet). The sum is divided by delta, since its values near 1e-6
/// would meet the stop tests at once; the best point seen is kept whatever the optimiser says of how it ended.
/// </summary>
public sealed class RobustFit(Curve curve, double[][] features, double[] targets, Huber huber)
{
    /// <summary>Of the gradient of the sum divided by delta: for a fit that is shown, and for one of a thousand that make an interval.</summary>
    public const double Exact = 1e-8, Rough = 1e-4;

    private const double StepTolerance = 1e-12, Same = 1e-4;
    private const int Iterations = 500;

    public Minimum Minimise(IReadOnlyList<double[]> starts, double tolerance = Exact)
    {
        var ends = starts.Select(start => From(start, tolerance)).OfType<(double[] At, double Objective)>().OrderBy(end => end.Objective).ToArray();
        if (ends.Length == 0) throw new InputException("rows", "no start of the fit comes to a finite value", "look at the rows, or at the settings of the law");
        var (at, objective) = ends[0];
        var slope = new double[at.Length];
        Value(at, slope);
        return new(at, objective * huber.Delta, slope.Max(Math.Abs), ends.Count(end => end.Objective <= objective * (1 + Same) + 1e-12), starts.Count);
    }

    /// <summary>The sum of Huber's losses divided by delta, and its gradient.</summary>
    public double Value(double[] coefficients, double[] gradient)
    {
        var part = new double[coefficients.Length];
        Array.Clear(gradient);
        var sum = 0.0;
        for (var i = 0; i < targets.Length; i++)
        {
            var residual = curve(coefficients, features[i], part) - targets[i];
            sum += huber.Value(residual) / huber.Delta;
            var slope = huber.Derivative(residual) / huber.Delta;
            for (var k = 0; k < gradient.Length; k++) gradient[k] += slope * part[k];
        }
        return sum;
    }

    private (double[] At, double Objective)? From(double[] start, double tolerance)
    {
        (double[] At, double Objective)? best = null;
        (double, Vector<double>) Evaluate(Vector<double> at)
        {
            var gradient = new double[at.Count];
            var point = at.AsArray() ?? at.ToArray();
            var value = Value(point, gradient);
            if (double.IsFinite(value) && !(value >= best?.Objective)) best = ([.. point], value);
            return (value, Vector<double>.Build.Dense(gradient));
        }
        try { new BfgsMinimizer(tolerance, StepTolerance, 0, Iterations).FindMinimum(ObjectiveFunction.Gradient(Evaluate), Vector<double>.Build.DenseOfArray(start)); }
        catch (Exception ended) when (ended is OptimizationException or ArithmeticException) { } // a line search that finds nothing lower, or a limit reached: the best point counts
        return best;
    }
}
