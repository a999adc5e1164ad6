using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>
/// L = (Nc/N)^alphaN + (Sc/Smin)^alphaS along training (Kaplan et al. 2020, equation 5.6). Where the batch is read, steps become Smin by the critical batch,
/// which must then be known; else steps are taken for Smin.
/// </summary>
[Kind("kaplan-ns"), Description("L = (Nc/N)^alphaN + (Sc/Smin)^alphaS along training.")]
public sealed record KaplanSteps(
    [Description("Bstar of the critical batch, tokens, where the table has a batch column.")] double? Bstar = null,
    [Description("alphaB of the critical batch.")] double? AlphaB = null,
    [Description("Where Huber's loss of the log residual becomes straight; 1 is least squares.")] double Delta = Huber.Chinchilla) : ScalingLaw
{
    private static readonly PowerSum Form = new(Floor: false, Terms: 2);

    private CriticalBatchSize? Critical => Bstar is { } bstar && AlphaB is { } alphaB ? new(bstar, alphaB) : null;

    public override string Formula => Critical is null ? "L = (Nc/N)^alphaN + (Sc/S)^alphaS" : "L = (Nc/N)^alphaN + (Sc/Smin)^alphaS, Smin = S / (1 + Bcrit(L)/B)";

    public override IReadOnlyList<string> Symbols { get; } = ["Nc", "alphaN", "Sc", "alphaS"];

    public override IReadOnlyList<Variable> Reads => Critical is null ? [Variable.Parameters, Variable.Steps] : [Variable.Parameters, Variable.Steps, Variable.Batch];

    public override bool ReadsCurves => true;

    public override ScalingLaw For(IReadOnlySet<Variable> given) => Critical is null && given.Contains(Variable.Batch)
        ? throw new InputException("--law", "with a batch column, steps are turned into Smin by the critical batch, which this law was not told", "fit it first (--law critical-batch) and write --law '{ kind: kaplan-ns, bstar: 2e8, alpha-b: 0.21 }', or leave --b out")
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
