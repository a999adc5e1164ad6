using Allometry.Kinds;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Allometry.Analysis.Similarity;

/// <summary>Linear CKA of two whole sets of features: by features where there are more examples than those, else by Gram matrices. Both give the same.</summary>
public static class LinearCka
{
    public static Cka Of(Features x, Features y)
    {
        Check(x.Count, y.Count);
        Func<Features, Features, Hsic> hsic = x.Count > Math.Max(x.Width, y.Width) ? ByFeatures : ByGram;
        return Cka.Of(hsic(x, y), hsic(x, x), hsic(y, y));
    }

    /// <summary>Of other numbers of examples, or of none, nothing can be said.</summary>
    public static void Check(long first, long second)
    {
        if (first != second) throw new InputException("similarity", $"{first} examples are compared with {second}", "give the same examples, in the same order, to both");
        if (first == 0) throw new InputException("similarity", "there are no examples", "give some");
    }

    public static Hsic ByFeatures(Features x, Features y)
    {
        var moments = new CrossMoments(x.Width, y.Width);
        moments.Add(x.Rows(0, x.Count), y.Rows(0, y.Count));
        return moments.Value();
    }

    public static Hsic ByGram(Features x, Features y)
    {
        var (k, l) = (Gram(x), Gram(y));
        var sum = k.PointwiseMultiply(l).Enumerate().Sum();
        if (x.Count < 4) return new(sum, null);
        CentreUnbiased(k);
        CentreUnbiased(l);
        return new(sum, k.PointwiseMultiply(l).Enumerate().Sum() / ((double)x.Count * (x.Count - 3)));
    }

    /// <summary>The products of all pairs of examples, each feature's mean taken away: [example, example].</summary>
    private static DenseMatrix Gram(Features x)
    {
        var columns = new DenseMatrix(x.Width, x.Count, x.Rows(0, x.Count).ToArray()); // [feature, example]
        for (var i = 0; i < x.Width; i++)
        {
            var row = columns.Row(i) - columns[i, 0]; // exactly zero where constant
            columns.SetRow(i, row - (row.Sum() / x.Count));
        }
        return (DenseMatrix)columns.TransposeThisAndMultiply(columns);
    }

    /// <summary>U-centring (Szekely and Rizzo 2014; google-research, representation_similarity): then the sum of products is n (n - 3) HSIC_1.</summary>
    private static void CentreUnbiased(DenseMatrix gram)
    {
        var n = gram.RowCount;
        for (var i = 0; i < n; i++) gram[i, i] = 0;
        var means = gram.RowSums() / (n - 2);
        means -= means.Sum() / (2 * (n - 1));
        gram.MapIndexedInplace((i, j, value) => i == j ? 0 : value - means[i] - means[j]);
    }
}
