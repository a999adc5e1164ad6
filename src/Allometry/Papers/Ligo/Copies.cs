using Allometry.Text;
using static TorchSharp.torch;

namespace Allometry.Papers.Ligo;

/// <summary>
/// Which of the old values each new one copies: the first ones themselves, each further one another, all of them equally often as far as that goes and otherwise by chance (Net2Net's g, Wang et al. 2023, equation 2).
/// </summary>
/// <param name="Source">The old value of each new one: g(j).</param>
/// <param name="Share">What of an old value's columns each copy has: 1/c where copies are alike; those of one old value add up to 1.</param>
/// <param name="Scale">The root of (new / (old times c)): copies times this have the mean square of the old ones.</param>
internal sealed record Copies(long[] Source, double[] Share, double[] Scale)
{
    /// <param name="uneven">How far shares are from alike: a copy's weight is drawn from 1 - uneven to 1 + uneven.</param>
    public static Copies Of(int small, int large, double uneven, long seed, string purpose)
    {
        var random = RandomStream.For(seed, $"growth/{purpose}");
        var source = new List<long>();
        while (source.Count < large)
        {
            var all = source.Count > 0 ? random.Permutation(small) : Enumerable.Range(0, small);
            source.AddRange(all.Take(large - source.Count).Select(i => (long)i));
        }
        double[] weight = [.. source.Select(_ => 1 + (uneven * ((2 * random.Uniform()) - 1)))];
        var (count, sum) = (new double[small], new double[small]);
        for (var j = 0; j < large; j++) (count[source[j]], sum[source[j]]) = (count[source[j]] + 1, sum[source[j]] + weight[j]);
        return new([.. source], [.. source.Select((i, j) => weight[j] / sum[i])], [.. source.Select(i => Math.Sqrt(large / (small * count[i])))]);
    }

    /// <summary>The old values copied along a dimension.</summary>
    public Tensor Take(Tensor old, int dimension) => old.index_select(dimension, tensor(Source, int64, old.device));

    /// <summary>Each copy along a dimension times its factor.</summary>
    public static Tensor Times(Tensor copied, int dimension, double[] factors)
    {
        var shape = Enumerable.Repeat(1L, (int)copied.dim()).ToArray();
        shape[dimension] = factors.Length;
        return copied * tensor(factors, float64, copied.device).to(copied.dtype).view(shape);
    }
}
