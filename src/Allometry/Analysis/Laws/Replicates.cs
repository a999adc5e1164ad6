using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Analysis.Laws;

/// <summary>Other parameters that the same rows allow: what intervals are read from.</summary>
/// <param name="Failures">Resamples that no law could be fitted to.</param>
public sealed record Replicates(IReadOnlyList<IReadOnlyList<double>> Parameters, int Failures)
{
    public const int Usual = 1000, Least = 200;

    /// <summary>Points times replicates that take a few seconds.</summary>
    private const int Affordable = 500_000;

    /// <summary>With fewer sizes than this, runs are drawn within each size.</summary>
    private const int SizesToDrawFreely = 6;

    /// <summary>A thousand, fewer of long curves.</summary>
    public static int Count(IReadOnlyList<Observation> rows) => Math.Clamp(Affordable / Math.Max(1, rows.Count), Least, Usual);

    /// <summary>The law's own draws, or the bootstrap: runs drawn with replacement, never the points of one run apart, and the law fitted again.</summary>
    public static Replicates Of(ScalingLaw law, IReadOnlyList<Observation> rows, IReadOnlyList<Observation> points, Estimate estimate, int count, long seed)
    {
        if (law.Draws(points, count, seed) is { } draws) return new(draws, 0);
        var strata = Strata(rows);
        var fitted = new IReadOnlyList<double>?[count];
        Parallel.For(0, count, i => fitted[i] = Refitted(law, Drawn(strata, RandomStream.For(seed, "bootstrap", i)), estimate.Parameters));
        var found = fitted.OfType<IReadOnlyList<double>>().ToArray();
        return new(found, count - found.Length);
    }

    /// <summary>The runs, by size where sizes are few and each has several runs.</summary>
    private static Observation[][][] Strata(IReadOnlyList<Observation> rows)
    {
        var runs = rows.GroupBy(row => row.Run).Select(run => run.ToArray()).ToArray();
        var bySize = runs.GroupBy(run => run[0].X[0]).Select(size => size.ToArray()).ToArray();
        return bySize.Length < SizesToDrawFreely && bySize.All(size => size.Length > 1) ? bySize : [runs];
    }

    private static List<Observation> Drawn(Observation[][][] strata, RandomStream random) =>
        [.. strata.SelectMany(runs => Enumerable.Range(0, runs.Length).Select(draw => runs[random.Below(runs.Length)].Select(row => row with { Run = $"{row.Run}/{draw}" }))).SelectMany(run => run)];

    private static IReadOnlyList<double>? Refitted(ScalingLaw law, List<Observation> rows, IReadOnlyList<double> near)
    {
        try
        {
            var points = law.Points(rows);
            if (LawProblems.Of(law, points).Any()) return null;
            var parameters = law.Estimate(points, near).Parameters;
            return parameters.All(double.IsFinite) ? parameters : null;
        }
        catch (InputException) // a resample may lack what a procedure needs
        {
            return null;
        }
    }
}
