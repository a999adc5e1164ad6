using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>
/// L = (Nc/N)^alphaN + (Sc/Smin)^alphaS along training (Kaplan et al. 2020, equation 5.6). Steps become Smin by the critical batch, which must be known
/// where batches differ; of one batch steps may be taken for Smin, and Sc is that batch's.
/// </summary>
[Kind("kaplan-ns"), Description("L = (Nc/N)^alphaN + (Sc/Smin)^alphaS along training.")]
public sealed record KaplanSteps(
    [Description("Bstar of the critical batch, tokens, where batches differ."), Range(double.Epsilon, double.MaxValue)] double? Bstar = null,
    [Description("alphaB of the critical batch."), Range(double.Epsilon, double.MaxValue)] double? AlphaB = null,
    [Description("Where Huber's loss of the log residual becomes straight; 1 is least squares."), Range(double.Epsilon, double.MaxValue)] double Delta = Huber.Chinchilla) : ScalingLaw
{
    private static readonly PowerSum Form = new(Floor: false, Terms: 2);

    private CriticalBatchSize? Critical => Bstar is { } bstar && AlphaB is { } alphaB ? new(bstar, alphaB) : null;

    public override string Formula => Critical is null ? "L = (Nc/N)^alphaN + (Sc/S)^alphaS" : "L = (Nc/N)^alphaN + (Sc/Smin)^alphaS, Smin = S / (1 + Bcrit(L)/B)";

    public override IReadOnlyList<string> Symbols { get; } = ["Nc", "alphaN", "Sc", "alphaS"];

    public override IReadOnlyList<Variable> Reads => Critical is null ? [Variable.Parameters, Variable.Steps] : [Variable.Parameters, Variable.Steps, Variable.Batch];

    public override bool ReadsCurves => true;

    /// <summary>A critical batch that is known needs no runs that differ in theirs.</summary>
    public override IReadOnlyList<Variable> Differs { get; } = [Variable.Parameters, Variable.Steps];

    public override ScalingLaw For(IReadOnlySet<Variable> given, IReadOnlySet<Variable> differing) => Critical is null && differing.Contains(Variable.Batch)
        ? throw new InputException("--law", "batches differ, so steps must be turned into Smin by the critical batch, which this law was not told", "fit it first (--law critical-batch) and write --law '{ kind: kaplan-ns, bstar: 2e8, alpha-b: 0.21 }', or keep to one batch (--where)")
        : this;

    public override Estimate Estimate(IReadOnlyList<Observation> points, IReadOnlyList<double>? near = null)
    {
        var fitted = Form.Fit([.. points.Select(AtLeastSteps)], new(Delta), near is null ? null : [Scale(near[0], near[1]), Scale(near[2], near[3]), near[1], near[3]]);
        var p = fitted.Parameters;
        return fitted with { Parameters = [Math.Pow(p[0], 1 / p[2]), p[2], Math.Pow(p[1], 1 / p[3]), p[3]] };
    }

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => Critical is { } critical
        ? new LossCurve(parameters[0], parameters[1], parameters[2], parameters[3], critical).Loss(x[0], x[1], x[2])
        : Math.Pow(parameters[0] / x[0], parameters[1]) + Math.Pow(parameters[2] / x[1], parameters[3]);

    public override double Cost(IReadOnlyList<double> x) => x.Aggregate((product, value) => product * value);

    private Observation AtLeastSteps(Observation point) =>
        Critical is { } critical ? point with { X = [point.X[0], critical.LeastSteps(point.X[1], point.X[2], point.Y)] } : point;

    private static double Scale(double constant, double exponent) => Math.Pow(constant, exponent);
}
