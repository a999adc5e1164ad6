using System.ComponentModel;
using Allometry.Analysis.Laws;
using Allometry.Kinds;

namespace Allometry.Papers.Chinchilla;

/// <summary>
/// Approach 1 (Hoffmann et al. 2022, section 3.1): training curves smoothed, ln L interpolated on ln C inside each run's range; at 1,500 budgets the lowest run
/// says the best size, and a line through the logarithms how that grows. Its points depend on each other: intervals come from resampling runs.
/// </summary>
[Kind("chinchilla-envelope"), Description("N = k C^a, from the lowest of all training curves at each compute.")]
public sealed record TrainingEnvelope : LogLinearLaw
{
    private const int Budgets = 1500;

    public override string Formula => "N = k C^a";

    public override IReadOnlyList<string> Symbols { get; } = ["k", "a"];

    public override IReadOnlyList<Variable> Reads { get; } = [Variable.Parameters, Variable.Tokens];

    public override IReadOnlyList<Variable> Arguments { get; } = [Variable.Compute];

    public override Variable Predicts => Variable.Parameters;

    public override bool ReadsCurves => true;

    public override double Cost(IReadOnlyList<double> x) => x.Count == 1 ? x[0] : Compute.Of(x[0], x[1]);

    public override IReadOnlyList<Observation> Points(IReadOnlyList<Observation> rows)
    {
        var curves = rows.GroupBy(row => row.Run).Select(run => (
            run.Key, Parameters: run.First().X[0], Curve: TrainingCurve.Of(run.Select(row => (Compute.Of(row.X[0], row.X[1]), row.Y))).Smoothed())).ToArray();
        var (low, high) = (curves.Min(run => run.Curve.At[0]), curves.Max(run => run.Curve.At[^1]));
        List<Observation> points = [];
        for (var i = 0; i < Budgets; i++)
        {
            var flops = low * Math.Pow(high / low, (double)i / (Budgets - 1));
            var there = curves.Select(run => (run.Key, run.Parameters, Loss: run.Curve.Value(flops))).Where(run => double.IsFinite(run.Loss)).ToArray();
            if (there.Length == 0) continue;
            var best = there.MinBy(run => run.Loss);
            points.Add(new(best.Key, [flops], best.Parameters));
        }
        return points;
    }

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => parameters[0] * Math.Pow(x[0], parameters[1]);

    public override IReadOnlyList<IReadOnlyList<double>>? Draws(IReadOnlyList<Observation> points, int count, long seed) => null;

    public override Interval? ExactInterval(IReadOnlyList<Observation> points, IReadOnlyList<double> x) => null;

    protected override IReadOnlyList<double> FromLine(double slope, double intercept) => [Math.Exp(intercept), slope];
}
