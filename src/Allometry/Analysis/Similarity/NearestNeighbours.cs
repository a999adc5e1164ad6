using System.Numerics;

namespace Allometry.Analysis.Similarity;

/// <summary>For each example the number of the nearest other one.</summary>
public static class NearestNeighbours
{
    /// <summary>By Euclidean distance, of equals the lowest number. Differences are squared as they are: expanding the square loses the digits that decide.</summary>
    public static int[] Of(Features x)
    {
        var (nearest, least) = (new int[x.Count], new double[x.Count]);
        Array.Fill(nearest, -1);
        Array.Fill(least, double.PositiveInfinity);
        for (var i = 0; i < x.Count; i++)
            for (var j = i + 1; j < x.Count; j++)
            {
                var distance = Distance(x.Row(i), x.Row(j));
                if (distance < least[i]) (least[i], nearest[i]) = (distance, j);
                if (distance < least[j]) (least[j], nearest[j]) = (distance, i);
            }
        return nearest;
    }

    private static double Distance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sums = Vector<double>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var gap = new Vector<double>(a[i..]) - new Vector<double>(b[i..]);
            sums += gap * gap;
        }
        var sum = Vector.Sum(sums);
        for (; i < a.Length; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }
}
