using Allometry.Text;

namespace Allometry.Analysis;

/// <summary>
/// What the shapes' averages could have been, had other seeds been run: each shape's runs are drawn, with replacement, from the deviations of all runs from the mean
/// of their shape (Efron and Tibshirani 1993, chapter 9: bootstrapping residuals). Pooled over shapes as in <see cref="SeedNoise"/>, so that two or three seeds a shape
/// suffice and a shape with one is not taken to be exact. A run's loss, quality and time are drawn together; time varies by a factor.
/// </summary>
public static class Bootstrap
{
    public const int Usual = 1000;

    /// <summary>With fewer deviations than this nothing is known of what seeds do.</summary>
    private const int Fewest = 3;

    /// <summary>Draws of all shapes, in their order; none where too few shapes have two seeds.</summary>
    public static IReadOnlyList<IReadOnlyList<ShapeSummary>> Of(IReadOnlyList<ShapeSummary> shapes, int draws = Usual, long seed = 0)
    {
        var pool = Pool(shapes);
        return pool.Length < Fewest ? [] : [.. Enumerable.Range(0, draws).Select(draw => Drawn(shapes, pool, RandomStream.For(seed, "bootstrap", draw)))];
    }

    /// <summary>Deviations of complete runs; NaN only in what no shape has twice.</summary>
    private static Deviation[] Pool(IReadOnlyList<ShapeSummary> shapes)
    {
        var all = shapes.SelectMany(DeviationsOf).ToArray();
        var known = new[] { all.Any(one => double.IsFinite(one.Loss)), all.Any(one => double.IsFinite(one.Quality)), all.Any(one => double.IsFinite(one.LogSeconds)) };
        return !known[0] && !known[1] ? [] : [.. all.Where(one => (!known[0] || double.IsFinite(one.Loss)) && (!known[1] || double.IsFinite(one.Quality)) && (!known[2] || double.IsFinite(one.LogSeconds)))];
    }

    private static IEnumerable<Deviation> DeviationsOf(ShapeSummary shape)
    {
        var (loss, quality, seconds) = (Centred(shape, one => one.Loss), Centred(shape, one => one.Quality), Centred(shape, one => Math.Log(one.Seconds)));
        return shape.Repetitions.Select(one => new Deviation(loss(one), quality(one), seconds(one)));
    }

    /// <summary>From the mean of n, deviations are smaller than from the true one: the factor mends their variance.</summary>
    private static Func<Repetition, double> Centred(ShapeSummary shape, Func<Repetition, double> value)
    {
        if (Spread.Of(shape.Repetitions.Select(value)) is not { Count: > 1 and var n, Mean: var mean }) return _ => double.NaN;
        return one => Math.Sqrt(n / (n - 1.0)) * (value(one) - mean);
    }

    private static ShapeSummary[] Drawn(IReadOnlyList<ShapeSummary> shapes, Deviation[] pool, RandomStream random) => [.. shapes.Select(shape => Moved(shape, MeanOf(shape, pool, random)))];

    private static Deviation MeanOf(ShapeSummary shape, Deviation[] pool, RandomStream random)
    {
        var (seeds, sum) = (Math.Max(1, (shape.Scores.Quality ?? shape.Loss)?.Count ?? 1), new Deviation(0, 0, 0));
        for (var i = 0; i < seeds; i++) sum += pool[random.Below(pool.Length)];
        return new(sum.Loss / seeds, sum.Quality / seeds, sum.LogSeconds / seeds);
    }

    private static ShapeSummary Moved(ShapeSummary shape, Deviation by)
    {
        var pace = double.IsFinite(by.LogSeconds) ? Math.Exp(by.LogSeconds) : 1;
        return shape with
        {
            Loss = Changed(shape.Loss, loss => loss + by.Loss),
            Scores = shape.Scores with { Quality = Changed(shape.Scores.Quality, quality => quality + by.Quality) },
            Clock = new(Changed(shape.Clock.Seconds, seconds => seconds * pace), Changed(shape.Clock.TokensPerSecond, rate => rate / pace), Changed(shape.Clock.ExamplesPerSecond, rate => rate / pace)),
        };
    }

    /// <summary>What nothing is known to vary by stays as it is.</summary>
    private static Spread? Changed(Spread? spread, Func<double, double> change) => spread is null ? null : spread with { Mean = double.IsFinite(change(spread.Mean)) ? change(spread.Mean) : spread.Mean };

    private readonly record struct Deviation(double Loss, double Quality, double LogSeconds)
    {
        public static Deviation operator +(Deviation a, Deviation b) => new(a.Loss + b.Loss, a.Quality + b.Quality, a.LogSeconds + b.LogSeconds);
    }
}
