using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Analysis.Laws;

/// <summary>A law fitted to rows, with everything that is said of how far to trust it.</summary>
public sealed record LawFit(ScalingLaw Law, IReadOnlyList<Observation> Rows, IReadOnlyList<Observation> Points, Estimate Estimate, Replicates Replicates)
{
    /// <summary>How far beyond what was fitted a prediction may lie before it must be asked for expressly.</summary>
    public const double FarthestFactor = 30;

    private const long Seed = 1;

    /// <param name="replicates">How often the rows are resampled for intervals; 0: no intervals.</param>
    public static LawFit Of(ScalingLaw law, IReadOnlyList<Observation> rows, int? replicates = null)
    {
        var points = law.Points(rows);
        var problems = LawProblems.Of(law, points).ToList();
        if (problems.Count > 0) throw new InputException(problems);
        var estimate = law.Estimate(points);
        if (!estimate.Parameters.All(double.IsFinite)) throw new InputException("rows", $"'{law.Name}' has no finite parameters on them: the {law.Predicts.Title.ToLowerInvariant()} does not follow it", "try another law, or look at the rows");
        return new(law, rows, points, estimate, Replicates.Of(law, rows, points, estimate, replicates ?? Replicates.Count(rows), Seed));
    }

    public Interval? IntervalOf(Func<IReadOnlyList<double>, double> quantity) => Interval.Of(Replicates.Parameters.Select(quantity));

    /// <summary>What is expected at x, where a single further measurement would lie, and how far that is from what was fitted.</summary>
    public Foretold Foretell(IReadOnlyList<double> x) => new(Law.Predict(Estimate.Parameters, x), Law.ExactInterval(Points, x) ?? IntervalAt(x), Extrapolation(x));

    /// <summary>The largest factor by which x, or its cost, lies outside what was fitted; 1 inside.</summary>
    public double Extrapolation(IReadOnlyList<double> x)
    {
        var sides = Enumerable.Range(0, x.Count).Select(k => Beyond(x[k], Points.Select(point => point.X[k])));
        return Math.Max(sides.Max(), Beyond(Law.Cost(x), Points.Select(point => Law.Cost(point.X))));
    }

    /// <summary>The gaps of the fit, in the terms in which the law is fitted.</summary>
    public IReadOnlyList<double> Residuals { get; } = [.. Points.Select(point => Law.Residual(Law.Predict(Estimate.Parameters, point.X), point.Y))];

    /// <summary>Each replicate's prediction, moved by a gap drawn from those of the fit.</summary>
    private Interval? IntervalAt(IReadOnlyList<double> x)
    {
        var random = RandomStream.For(Seed, "residual");
        return Interval.Of(Replicates.Parameters.Select(parameters => Law.Shifted(Law.Predict(parameters, x), Residuals[random.Below(Residuals.Count)])));
    }

    private static double Beyond(double value, IEnumerable<double> fitted) => Math.Max(1, Math.Max(value / fitted.Max(), fitted.Min() / value));
}

/// <summary>A prediction. The interval is where one further measurement would lie (95 %); null where nothing can be said.</summary>
public sealed record Foretold(double Value, Interval? Interval, double Extrapolation);
