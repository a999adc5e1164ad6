using MathNet.Numerics.LinearAlgebra.Double;

namespace Allometry.Analysis.Similarity;

/// <summary>
/// HSIC in its feature form from examples that come in blocks: what is kept does not grow with their number. Everything is measured from the first example, which keeps digits where
/// features have large means and makes constant ones exactly zero.
/// </summary>
public sealed class CrossMoments(int first, int second)
{
    private readonly DenseMatrix products = DenseMatrix.Create(first, second, 0);
    private readonly DenseVector x = new(first), y = new(second), lengthOfXTimesY = new(second), lengthOfYTimesX = new(first);
    private double lengthsOfX, lengthsOfY, lengthsOfBoth;
    private double[]? originOfX, originOfY;
    private long examples;

    /// <summary>Adds examples: rows of the first set, as many of the second.</summary>
    public void Add(ReadOnlySpan<double> ofFirst, ReadOnlySpan<double> ofSecond)
    {
        if (ofFirst.Length == 0) return;
        var rows = ofFirst.Length / first;
        if (ofSecond.Length != rows * second) throw new ArgumentException("The two sets do not hold the same number of examples.", nameof(ofSecond));
        originOfX ??= ofFirst[..first].ToArray();
        originOfY ??= ofSecond[..second].ToArray();
        var (u, v) = (From(originOfX, ofFirst), From(originOfY, ofSecond)); // [feature, example]
        products.Add(u.TransposeAndMultiply(v), products);
        var (a, b) = (Lengths(u), Lengths(v));
        x.Add(u.RowSums(), x);
        y.Add(v.RowSums(), y);
        lengthOfYTimesX.Add(u.Multiply(b), lengthOfYTimesX);
        lengthOfXTimesY.Add(v.Multiply(a), lengthOfXTimesY);
        lengthsOfX += a.Sum();
        lengthsOfY += b.Sum();
        lengthsOfBoth += a.DotProduct(b);
        examples += rows;
    }

    /// <summary>HSIC of all that was added (Song et al. 2012, equation 5, for linear kernels of centred features; google-research, representation_similarity).</summary>
    public Hsic Value()
    {
        double n = examples;
        if (n == 0) return new(0, null);
        var (meanX, meanY) = (x / n, y / n);
        var covariance = products - meanX.OuterProduct(y);
        var sum = Math.Pow(covariance.FrobeniusNorm(), 2);
        if (examples < 4) return new(sum, null);
        var (d, e) = (meanX.DotProduct(meanX), meanY.DotProduct(meanY));
        var both = lengthsOfBoth - (2 * meanY.DotProduct(lengthOfXTimesY)) - (2 * meanX.DotProduct(lengthOfYTimesX)) + (4 * meanX.DotProduct(products.Multiply(meanY)))
            + (e * lengthsOfX) + (d * lengthsOfY) - (3 * n * d * e);
        var (ofX, ofY) = (lengthsOfX - (n * d), lengthsOfY - (n * e));
        return new(sum, (sum - (n / (n - 2) * both) + (ofX * ofY / ((n - 1) * (n - 2)))) / (n * (n - 3)));
    }

    private static DenseMatrix From(double[] origin, ReadOnlySpan<double> rows)
    {
        var moved = rows.ToArray();
        for (var i = 0; i < moved.Length; i++) moved[i] -= origin[i % origin.Length];
        return new(origin.Length, moved.Length / origin.Length, moved);
    }

    private static DenseVector Lengths(DenseMatrix columns) => DenseVector.OfEnumerable(columns.EnumerateColumns().Select(column => column.DotProduct(column)));
}
