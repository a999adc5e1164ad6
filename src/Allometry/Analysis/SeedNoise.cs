using MathNet.Numerics.Distributions;

namespace Allometry.Analysis;

/// <summary>How much a score moves by the seed alone: the standard deviation pooled over shapes, as if all moved alike.</summary>
public sealed record SeedNoise(double StandardDeviation, int DegreesOfFreedom)
{
    /// <summary>Null where no shape has two seeds: then nothing is known of it.</summary>
    public static SeedNoise? Of(IEnumerable<Spread> spreads)
    {
        var repeated = spreads.Where(spread => spread.StandardDeviation is not null).ToArray();
        var freedom = repeated.Sum(spread => spread.Count - 1);
        var squares = repeated.Sum(spread => (spread.Count - 1) * Math.Pow(spread.StandardDeviation!.Value, 2));
        return freedom == 0 ? null : new(Math.Sqrt(squares / freedom), freedom);
    }

    /// <summary>Fisher's least significant difference: means closer than this cannot be told apart at 95 %.</summary>
    public double Resolution(int seeds, int otherSeeds) =>
        StudentT.InvCDF(0, 1, DegreesOfFreedom, 0.975) * StandardDeviation * Math.Sqrt(1.0 / seeds + 1.0 / otherSeeds);
}
