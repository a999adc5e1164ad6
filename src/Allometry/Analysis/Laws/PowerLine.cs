using Allometry.Text;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace Allometry.Analysis.Laws;

/// <summary>A straight line through the logarithms of points by ordinary least squares, with the t intervals that theory gives it.</summary>
public sealed record PowerLine(double Slope, double Intercept, double SlopeError, double ResidualDeviation, double MeanX, double SumOfSquares, int Points)
{
    public int Freedom => Points - 2;

    public static PowerLine Of(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        double[] u = [.. x.Select(value => Math.Log(value))], v = [.. y.Select(value => Math.Log(value))];
        var (meanX, meanY) = (u.Mean(), v.Mean());
        var squares = u.Sum(value => (value - meanX) * (value - meanX));
        var slope = u.Zip(v).Sum(pair => (pair.First - meanX) * (pair.Second - meanY)) / squares;
        var rest = u.Zip(v).Sum(pair => Math.Pow(pair.Second - meanY - slope * (pair.First - meanX), 2));
        var deviation = u.Length > 2 ? Math.Sqrt(rest / (u.Length - 2)) : 0;
        return new(slope, meanY - slope * meanX, deviation / Math.Sqrt(squares), deviation, meanX, squares, u.Length);
    }

    public double At(double x) => Math.Exp(Intercept + Slope * Math.Log(x));

    /// <summary>Where one further point would lie (95 %); null of two points, which leave no residual.</summary>
    public Interval? Interval(double x)
    {
        if (Freedom < 1) return null;
        var distance = Math.Log(x) - MeanX;
        var half = StudentT.InvCDF(0, 1, Freedom, (1 + Laws.Interval.Confidence) / 2) * ResidualDeviation * Math.Sqrt(1 + 1.0 / Points + distance * distance / SumOfSquares);
        return new(At(x) * Math.Exp(-half), At(x) * Math.Exp(half));
    }

    /// <summary>Other lines that the points allow: slope and level are independent at the mean of x and follow Student's t together.</summary>
    public IEnumerable<(double Slope, double Intercept)> Draws(int count, long seed)
    {
        if (Freedom < 1) yield break;
        for (var i = 0; i < count; i++)
        {
            var random = RandomStream.For(seed, "power-line", i);
            var scale = ResidualDeviation / Math.Sqrt(ChiSquared.InvCDF(Freedom, Inside(random)) / Freedom);
            var slope = Slope + scale / Math.Sqrt(SumOfSquares) * Normal.InvCDF(0, 1, Inside(random));
            var level = Intercept + Slope * MeanX + scale / Math.Sqrt(Points) * Normal.InvCDF(0, 1, Inside(random));
            yield return (slope, level - slope * MeanX);
        }
    }

    private static double Inside(RandomStream random) => Math.Max(random.Uniform(), 1e-12);
}
