using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Analysis.Laws;
using Allometry.Kinds;

namespace Allometry.Papers.Unraveling;

/// <summary>
/// The procedure of "Unraveling the Mystery of Scaling Laws: Part I" (Su et al. 2024): from one sweep of small models the law of the critical batch, of the least loss
/// and of the way there, each fitted with the earlier ones held fixed; they foretell the loss curve of a larger model at any batch.
/// Fix tokenizer, context, optimiser and schedule first: the constants depend on them, the forms do not.
/// </summary>
[Kind("unraveling"), Description("The loss curve of a large model at any batch, from a sweep of small ones.")]
public sealed record Unraveling(
    [Description("Steps in which the learning rate still rises; they are left out."), Range(0, double.MaxValue)] double WarmUp = 0,
    [Description("A run has converged whose smoothed loss falls by less than this share over the second half of its steps."), Range(0, 1)] double Flat = 0.005,
    [Description("Losses at which batches are compared; spread over what all of them reach where left out.")] IReadOnlyList<double>? Levels = null) : ScalingLaw
{
    private const int FewestSizes = 3, WantedSizes = 5, FewestLevels = 3, WantedBatches = 6;
    private const double WantedDecades = 1.5;

    /// <summary>Nearer to the least loss than so many deviations of the noise, a point says nothing of the way there.</summary>
    private const double NoiseDeviations = 3;

    public override string Formula => "L = (Nc/N)^alphaN + [(Sc/S)(1 + Bcrit(L)/B)]^alphaS, Bcrit = Bstar / L^(1/alphaB)";

    public override IReadOnlyList<string> Symbols { get; } = ["Nc", "alphaN", "Sc", "alphaS", "Bstar", "alphaB"];

    public override IReadOnlyList<Variable> Reads { get; } = [Variable.Parameters, Variable.Steps, Variable.Batch];

    public override bool ReadsCurves => true;

    public override double Cost(IReadOnlyList<double> x) => Compute.Of(x[0], x[1] * x[2]);

    public override IReadOnlyList<Observation> Points(IReadOnlyList<Observation> rows) => [.. rows.Where(row => row.X[1] > WarmUp)];

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => CurveOf(parameters).Loss(x[0], x[1], x[2]);

    public static LossCurve CurveOf(IReadOnlyList<double> parameters) => new(parameters[0], parameters[1], parameters[2], parameters[3], new(parameters[4], parameters[5]));

    public override Estimate Estimate(IReadOnlyList<Observation> points, IReadOnlyList<double>? near = null)
    {
        var least = LeastLosses(points);
        var critical = CriticalOf(points);
        var (alphaN, nc) = (least[1], least[0]);
        var way = TheWay(points, nc, alphaN, critical);
        double[] parameters = [nc, alphaN, Math.Exp(-way.Intercept / way.Slope), -way.Slope, critical.Bstar, critical.AlphaB];
        return new(parameters, near is null ? points.Sum(point => Math.Pow(Residual(Predict(parameters, point.X), point.Y), 2) / 2) : double.NaN);
    }

    public override IEnumerable<string> Doubts(IReadOnlyList<Observation> points, Estimate estimate)
    {
        var (converged, sizes) = (Converged(points), points.Select(point => point.X[0]).Distinct().Count());
        var decades = Math.Log10(converged.Max(point => point.X[0]) / converged.Min(point => point.X[0]));
        if (converged.Count < WantedSizes || decades < WantedDecades) yield return $"The least loss rests on {converged.Count} sizes over {decades:0.#} decades; the procedure wants {WantedSizes} over {WantedDecades}.";
        if (converged.Count < sizes) yield return $"{sizes - converged.Count} of {sizes} sizes did not converge (their loss still falls by more than {Flat:0.####} of itself over the second half of their steps) and take no part in the least loss.";
        var batches = Sweeps(points).Max(size => size.Select(row => row.X[2]).Distinct().Count());
        if (batches < WantedBatches) yield return $"The critical batch rests on {batches} batches; the procedure wants {WantedBatches}, on both sides of it.";
    }

    /// <summary>Step 2: Nc and alphaN from what converged runs tend to.</summary>
    private IReadOnlyList<double> LeastLosses(IReadOnlyList<Observation> points)
    {
        var converged = Converged(points);
        return converged.Count >= FewestSizes ? new KaplanParameters().Estimate(converged).Parameters : throw new InputException(
            "rows", $"{converged.Count} sizes have a run that converged (its smoothed loss falls by less than {Flat:0.####} of itself over the second half of its steps) and the least loss needs {FewestSizes}",
            "train some sizes longer, or write --law '{ kind: unraveling, flat: 0.02 }' and know that the least loss is then biased");
    }

    private List<Observation> Converged(IReadOnlyList<Observation> points) =>
        [.. from size in points.GroupBy(point => point.X[0])
            let ends = size.GroupBy(point => point.Run).Select(run => TrainingCurve.Of(run.Select(row => (row.X[1], row.Y))).Smoothed()).Where(IsFlat).Select(End).ToArray()
            where ends.Length > 0
            select new Observation($"{size.Key}", [size.Key], ends.Min())];

    private bool IsFlat(TrainingCurve curve) => curve.Value(curve.At[^1] / 2) / curve.Loss[^1] - 1 < Flat;

    /// <summary>The mean over the last tenth of the steps.</summary>
    private static double End(TrainingCurve curve) => curve.At.Zip(curve.Loss).Where(point => point.First >= 0.9 * curve.At[^1]).Average(point => point.Second);

    /// <summary>Step 3: Bstar and alphaB from the sizes that were trained at several batches.</summary>
    private CriticalBatchSize CriticalOf(IReadOnlyList<Observation> points)
    {
        var law = new CriticalBatch(WarmUp, Levels);
        var levels = Sweeps(points).SelectMany(size => law.Points([.. size.Select(row => row with { X = [row.X[2], row.X[1]] })])).ToArray();
        if (levels.Length < FewestLevels)
            throw new InputException("rows", $"batches can be compared at {levels.Length} losses and the critical batch needs {FewestLevels}", $"train one size at {WantedBatches} batches, 2 to 4 times apart, on both sides of the critical one");
        var parameters = law.Estimate(levels).Parameters;
        return new(parameters[0], parameters[1]);
    }

    private static IEnumerable<IGrouping<double, Observation>> Sweeps(IReadOnlyList<Observation> points) =>
        points.GroupBy(point => point.X[0]).Where(size => size.Select(row => row.X[2]).Distinct().Count() >= EqualLoss.FewestBatches);

    /// <summary>Step 4: what lies above the least loss, on Smin.</summary>
    private static PowerLine TheWay(IReadOnlyList<Observation> points, double nc, double alphaN, CriticalBatchSize critical)
    {
        var noise = Noise(points);
        var above = points.Select(point => (Steps: critical.LeastSteps(point.X[1], point.X[2], point.Y), Gap: point.Y - Math.Pow(nc / point.X[0], alphaN), point.Y))
            .Where(point => point.Gap > NoiseDeviations * noise * point.Y && point.Gap > 0).ToArray();
        return above.Length >= 3 ? PowerLine.Of([.. above.Select(point => point.Steps)], [.. above.Select(point => point.Gap)]) : throw new InputException(
            "rows", "hardly a point lies above the least loss by more than the noise: nothing can be said of the way there", "give the whole curves, from the end of the warm-up");
    }

    /// <summary>The standard deviation of ln L around the smoothed curves.</summary>
    private static double Noise(IReadOnlyList<Observation> points)
    {
        var gaps = points.GroupBy(point => point.Run).Select(run => TrainingCurve.Of(run.Select(row => (row.X[1], row.Y))))
            .SelectMany(curve => curve.Loss.Zip(curve.Smoothed().Loss).Select(pair => Math.Pow(Math.Log(pair.First / pair.Second), 2))).ToArray();
        return Math.Sqrt(gaps.Average());
    }
}
