using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>
/// L = E + k C^-gamma through the frontier of loss against compute alone. Equal costs (seeds) are averaged first, since minima of noisy runs are optimistic;
/// resampling runs makes the frontier anew. Without five points over a decade and a half there is no E.
/// </summary>
[Kind("envelope"), Description("L = E + k C^-gamma through the frontier of loss against compute.")]
public sealed record Envelope(
    [Description("Where Huber's loss of the log residual becomes straight; 1 is least squares."), Range(double.Epsilon, double.MaxValue)] double Delta = Huber.Chinchilla) : ScalingLaw
{
    private const int PointsForFloor = 5;
    private const double DecadesForFloor = 1.5;

    public override string Formula => "L = E + k C^-gamma on the frontier";

    public override IReadOnlyList<string> Symbols { get; } = ["E", "k", "gamma"];

    public override IReadOnlyList<Variable> Reads { get; } = [Variable.Compute];

    public override int FewestPoints => 2;

    public override IReadOnlyList<Observation> Points(IReadOnlyList<Observation> rows)
    {
        var averaged = rows.GroupBy(row => row.X[0]).Select(cost => new ParetoPoint(cost.First().Run, cost.Key, -cost.Average(row => row.Y)));
        return [.. Frontier.Of(averaged).Points.Select(point => new Observation(point.Name, [point.Cost], -point.Quality))];
    }

    public override Estimate Estimate(IReadOnlyList<Observation> points, IReadOnlyList<double>? near = null) => Form(points).Estimate(points);

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => parameters[0] + parameters[1] * Math.Pow(x[0], -parameters[2]);

    public override IEnumerable<string> Doubts(IReadOnlyList<Observation> points, Estimate estimate) => Form(points).Floor ? []
        : [$"{points.Count} points on the frontier over {Decades(points):0.#} decades cannot tell an E: the law is a plain power law."];

    private PowerLaw Form(IReadOnlyList<Observation> points) => new("c", Floor: points.Count >= PointsForFloor && Decades(points) >= DecadesForFloor, Delta);

    private static double Decades(IReadOnlyList<Observation> points) => points.Count == 0 ? 0 : Math.Log10(points.Max(point => point.X[0]) / points.Min(point => point.X[0]));
}
