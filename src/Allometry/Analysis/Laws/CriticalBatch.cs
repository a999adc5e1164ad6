using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>
/// Bcrit = Bstar / L^(1/alphaB), from runs that differ in the batch (Kaplan et al. 2020, section 5.1): at several losses the steps that each batch needs give the
/// critical batch, and a line through its logarithms gives the law. Rows are points of training curves, or already steps to given losses.
/// </summary>
[Kind("critical-batch"), Description("Bcrit = Bstar / L^(1/alphaB), from runs that differ in the batch.")]
public sealed record CriticalBatch(
    [Description("Steps in which the learning rate still rises; they are left out."), Range(0, double.MaxValue)] double WarmUp = 0,
    [Description("Losses at which batches are compared; spread over what all of them reach where left out.")] IReadOnlyList<double>? Levels = null) : LogLinearLaw
{
    private const int UsualLevels = 9;

    public override string Formula => "Bcrit = Bstar / L^(1/alphaB)";

    public override IReadOnlyList<string> Symbols { get; } = ["Bstar", "alphaB"];

    public override IReadOnlyList<Variable> Reads { get; } = [Variable.Batch, Variable.Steps];

    public override IReadOnlyList<Variable> Arguments { get; } = [Variable.Loss];

    public override Variable Predicts { get; } = new("bcrit", "Critical batch", "tokens");

    public override bool ReadsCurves => true;

    /// <summary>The lower the loss, the dearer to reach.</summary>
    public override double Cost(IReadOnlyList<double> x) => x.Count == 1 ? 1 / x[0] : x[0] * x[1];

    public override IReadOnlyList<Observation> Points(IReadOnlyList<Observation> rows) =>
        [.. Contours(rows).Select(level => new Observation($"loss {level.Loss:0.###}", [level.Loss], level.CriticalBatch))];

    /// <summary>The equal-loss contours that the rows give.</summary>
    public IReadOnlyList<EqualLoss> Contours(IReadOnlyList<Observation> rows)
    {
        var given = rows.GroupBy(row => row.Y).Where(level => level.Select(row => row.X[0]).Distinct().Count() >= EqualLoss.FewestBatches).ToArray();
        return given.Sum(level => level.Count()) == rows.Count
            ? [.. given.Select(level => EqualLoss.Of(level.Key, [.. level.Select(row => (row.X[0], row.X[1]))])).OfType<EqualLoss>()]
            : OfCurves([.. Curves(rows)]);
    }

    public override double Predict(IReadOnlyList<double> parameters, IReadOnlyList<double> x) => new CriticalBatchSize(parameters[0], parameters[1]).At(x[0]);

    protected override IReadOnlyList<double> FromLine(double slope, double intercept) => [Math.Exp(intercept), -1 / slope];

    /// <summary>One curve a batch: at each step the lowest of its runs, which differ in the learning rate.</summary>
    private IEnumerable<(double Batch, TrainingCurve Curve)> Curves(IReadOnlyList<Observation> rows) =>
        from batch in rows.GroupBy(row => row.X[0])
        let runs = batch.GroupBy(row => row.Run).Select(run => TrainingCurve.Of(run.Where(row => row.X[1] > WarmUp).Select(row => (row.X[1], row.Y))).Smoothed())
        where runs.Any(run => run.At.Count > 0) // all of a batch may lie in the warm-up
        let lowest = runs.SelectMany(run => run.At.Zip(run.Loss)).GroupBy(point => point.First).Select(step => (step.Key, step.Min(point => point.Second)))
        select (batch.Key, TrainingCurve.Of(lowest));

    private EqualLoss[] OfCurves((double Batch, TrainingCurve Curve)[] curves)
    {
        if (curves.Length < EqualLoss.FewestBatches) return [];
        var contours = from loss in Levels ?? Spread(curves)
                       let contour = curves.Select(curve => (curve.Batch, Steps: curve.Curve.First(loss))).Where(point => point.Steps is not null)
                       select EqualLoss.Of(loss, [.. contour.Select(point => (point.Batch, point.Steps!.Value))]);
        return [.. contours.OfType<EqualLoss>()];
    }

    /// <summary>Between where the last batch starts and what the worst of them reaches, a tenth away from both ends, equal steps of ln L.</summary>
    private static IEnumerable<double> Spread((double Batch, TrainingCurve Curve)[] curves)
    {
        var (high, low) = (Math.Log(curves.Min(curve => curve.Curve.Loss[0])), Math.Log(curves.Max(curve => curve.Curve.Loss.Min())));
        return high <= low ? [] : Enumerable.Range(0, UsualLevels).Select(i => Math.Exp(high - (high - low) * (0.1 + 0.8 * i / (UsualLevels - 1))));
    }
}
