using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;

namespace Allometry.Analysis.Laws;

/// <summary>y = b x by ordinary least squares, with the t interval of one further measurement. The first feature is usually the constant 1.</summary>
/// <param name="Inverse">(X'X)^-1.</param>
public sealed record LinearFit(Vector<double> Coefficients, Matrix<double> Inverse, double Deviation, int Freedom)
{
    /// <summary>Null where the rows do not decide the coefficients or leave nothing to measure noise by.</summary>
    public static LinearFit? Of(IReadOnlyList<double[]> features, IReadOnlyList<double> y)
    {
        var freedom = features.Count - features[0].Length;
        var x = Matrix<double>.Build.DenseOfRowArrays(features);
        var square = x.TransposeThisAndMultiply(x);
        if (freedom < 1 || square.ConditionNumber() > 1e12) return null;
        var (inverse, target) = (square.Inverse(), Vector<double>.Build.DenseOfEnumerable(y));
        var coefficients = inverse * x.TransposeThisAndMultiply(target);
        return new(coefficients, inverse, Math.Sqrt((x * coefficients - target).DotProduct(x * coefficients - target) / freedom), freedom);
    }

    public double At(double[] features) => Coefficients.DotProduct(Vector<double>.Build.Dense(features));

    /// <summary>Standard error of what one further measurement at x would be.</summary>
    public double StandardError(double[] features) => Deviation * Math.Sqrt(1 + Leverage(features));

    /// <summary>Half the width of the interval (95 %) in which one further measurement at x lies.</summary>
    public double HalfWidth(double[] features) => StudentT.InvCDF(0, 1, Freedom, (1 + Interval.Confidence) / 2) * StandardError(features);

    /// <summary>What becomes of that once a run at <paramref name="extra"/> has been measured too, the noise staying what it is.</summary>
    public double HalfWidthAfter(double[] features, double[] extra)
    {
        var (x, more) = (Vector<double>.Build.Dense(features), Vector<double>.Build.Dense(extra));
        var shared = x * Inverse * more;
        var left = Leverage(features) - shared * shared / (1 + Leverage(extra));
        return StudentT.InvCDF(0, 1, Freedom + 1, (1 + Interval.Confidence) / 2) * Deviation * Math.Sqrt(1 + left);
    }

    private double Leverage(double[] features)
    {
        var x = Vector<double>.Build.Dense(features);
        return x * Inverse * x;
    }
}
