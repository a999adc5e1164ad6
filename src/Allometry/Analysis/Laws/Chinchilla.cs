using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>L = E + A/N^alpha + B/D^beta, N all parameters and D tokens seen (Hoffmann et al. 2022, approach 3).</summary>
[Kind("chinchilla"), Description("L = E + A/N^alpha + B/D^beta.")]
public sealed record Chinchilla(
    [Description("Where Huber's loss of the log residual becomes straight; 1 is least squares."), Range(double.Epsilon, double.MaxValue)] double Delta = Huber.Chinchilla,
    [Description("One exponent for both: what few sizes can carry, and often what extrapolates better.")] bool Tied = false) : ScalingLaw
{
    /// <summary>Below this an exponent makes of its term a second constant.</summary>
    private const double NoExponent = 0.02;

    private const int FewSizes = 5;

    public override string Formula => "L = E + A/N^alpha + B/D^beta";

    public override IReadOnlyList<string> Symbols { get; } = ["E", "A", "B", "alpha", "beta"];

    public override IReadOnlyList<Variable> Reads { get; } = [Variable.Parameters, Variable.Tokens];

    public override int FewestPoints => Form.Free;

    private PowerSum Form => new(Floor: true, Terms: 2, Tied);

    public override Estimate Estimate(IReadOnlyList<Observation> points, IReadOnlyList<double>? near = null) => Form.Fit(points, new(Delta), near);

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => Form.At(parameters, x);

    public override double Cost(IReadOnlyList<double> x) => Compute.Of(x[0], x[1]);

    /// <summary>The exponent of the best N in C, and the scale of the allocation.</summary>
    public override IReadOnlyList<(string Symbol, double Value)> Derived(IReadOnlyList<double> parameters)
    {
        var split = Allocation.Of(parameters);
        return [("a", split.Exponent), ("G", split.Scale)];
    }

    /// <summary>Compute alone is split as is best.</summary>
    public override IReadOnlyList<double>? Resolve(IReadOnlyList<double> parameters, IReadOnlyDictionary<Variable, double> at)
    {
        if (at.Count != 1 || !at.TryGetValue(Variable.Compute, out var flops)) return base.Resolve(parameters, at);
        var split = Allocation.Of(parameters);
        return [split.Parameters(flops), split.Tokens(flops)];
    }

    public override IEnumerable<string> Doubts(IReadOnlyList<Observation> points, Estimate estimate)
    {
        var (sizes, amounts) = (points.Select(point => point.X[0]).Distinct().Count(), points.Select(point => point.X[1]).Distinct().Count());
        if (!Tied && Math.Min(sizes, amounts) < FewSizes)
            yield return $"Only {sizes} sizes and {amounts} amounts of data: the exponents are weakly determined; `--law '{{ kind: chinchilla, tied: true }}'` fits one for both.";
        if (estimate.Parameters.Skip(3).Any(exponent => exponent is > 0 and < NoExponent)) yield return "An exponent is near zero: its term is a second constant beside E.";
    }
}
