using Allometry.Analysis.Similarity;
using Allometry.Kinds;
using CsCheck;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Allometry.Tests.Analysis.Similarity;

/// <summary>What CKA and STIR are by definition, whatever the numbers.</summary>
public class LawTests
{
    private static readonly Gen<(Features X, Features Y)> Pairs =
        from n in Gen.Int[5, 40]
        from p in Gen.Int[1, 8]
        from q in Gen.Int[1, 8]
        from x in Gen.Double[-3, 3].Array[n * p]
        from y in Gen.Double[-3, 3].Array[n * q]
        select (new Features(n, p, x), new Features(n, q, y));

    [Fact]
    public void Blocks_of_any_size_give_what_everything_at_once_gives() => Gen.Select(Pairs, Gen.Int[1, 9], Gen.Double[-1000, 1000]).Sample((pair, block, offset) =>
    {
        var (x, y) = (Moved(pair.X, offset), pair.Y);
        var moments = new CrossMoments(x.Width, y.Width);
        for (var first = 0; first < x.Count; first += block)
        {
            var rows = Math.Min(block, x.Count - first);
            moments.Add(x.Rows(first, rows), y.Rows(first, rows));
        }
        var (expected, actual) = (LinearCka.ByGram(x, y), moments.Value());
        var scale = Math.Sqrt(LinearCka.ByGram(x, x).Sum * LinearCka.ByGram(y, y).Sum);
        Assert.Equal(expected.Sum, actual.Sum, 1e-8 * scale);
        Assert.Equal(expected.Unbiased!.Value, actual.Unbiased!.Value, 1e-8 * scale);
    }, iter: 60, threads: 1);

    [Fact]
    public void Turning_scaling_and_moving_change_nothing_and_the_order_of_the_two_neither() => Pairs.Sample(pair =>
    {
        var (x, y) = pair;
        var random = new Random(x.Count);
        var turn = DenseMatrix.Create(x.Width, x.Width, (_, _) => random.NextDouble() - 0.5).QR().Q;
        var turned = new DenseMatrix(x.Width, x.Count, x.Rows(0, x.Count).ToArray()).TransposeThisAndMultiply(turn).Multiply(-3.7).Add(11);
        var other = new Features(x.Count, x.Width, turned.ToRowMajorArray());
        Assert.Equal(1, LinearCka.Of(x, other).Linear!.Value, 1e-9);
        var (expected, actual) = (LinearCka.Of(x, y), LinearCka.Of(y, other));
        Assert.Equal(expected.Linear!.Value, actual.Linear!.Value, 1e-9);
        if (expected.Unbiased is { } unbiased && actual.Unbiased is { } again) Assert.Equal(unbiased, again, 1e-7);
        Assert.InRange(expected.Linear!.Value, 0, 1 + 1e-12);
    }, iter: 40, threads: 1);

    [Fact]
    public void One_batch_of_everything_is_the_unbiased_cka()
    {
        var (x, y) = (Made(25, 4, seed: 1), Made(25, 3, seed: 2));
        var cka = new MinibatchCka();
        cka.Add(x, y);
        Assert.Equal(LinearCka.Of(x, y).Unbiased!.Value, cka.Value!.Value, 1e-9);
    }

    [Fact]
    public void Of_equal_distances_the_lowest_number_is_the_neighbour_and_nobody_is_his_own() =>
        Assert.Equal([1, 4, 1, 2, 1], NearestNeighbours.Of(Features.Of([[0.0], [1], [2], [3], [1]])));

    [Fact]
    public void Repeated_stir_of_two_that_turn_into_each_other_is_the_same_both_ways_and_the_same_again()
    {
        var x = Made(25, 4, seed: 1);
        var mirrored = new Features(x.Count, x.Width, [.. x.Rows(0, x.Count).ToArray().Select(value => 2 - value)]);
        var stir = Stir.Repeated(x, mirrored, repeats: 5, seed: 3);
        Assert.Equal(stir.FirstGivenSecond!.Mean, stir.SecondGivenFirst!.Mean, 1e-9);
        Assert.Equal(stir, Stir.Repeated(x, mirrored, repeats: 5, seed: 3));
        Assert.NotEqual(stir, Stir.Repeated(x, mirrored, repeats: 5, seed: 4));
    }

    [Fact]
    public void Constant_features_and_too_few_examples_have_no_value_and_unequal_numbers_are_told()
    {
        var x = Features.Of([[1.0, 2], [3, 5], [2, 2], [0, 1], [4, 4]]);
        var still = Features.Of([[0.1, 0.3], [0.1, 0.3], [0.1, 0.3], [0.1, 0.3], [0.1, 0.3]]);
        Assert.Equal(new Cka(null, null), LinearCka.Of(x, still));
        Assert.Null(Stir.ByNeighbours(x, still));
        Assert.Null(LinearCka.Of(x.Choose([0, 1, 2]), x.Choose([0, 1, 2])).Unbiased);
        Assert.Contains("5 examples are compared with 3", Assert.Throws<InputException>(() => LinearCka.Of(x, x.Choose([0, 1, 2]))).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => Stir.Repeated(x.Choose([0, 1]), x.Choose([0, 1]), 2, 1));
    }

    [Fact]
    public void A_grid_says_the_same_of_blocks_and_of_everything_and_pairs_layers_by_the_fraction_of_depth()
    {
        foreach (var count in (int[])[3, 2000])
        {
            Layer[] first = [new KnownLayer("a", Made(count, 4, 1)), new KnownLayer("b", Made(count, 5, 2)), new KnownLayer("c", Made(count, 4, 3))], second = [new KnownLayer("d", Made(count, 3, 4)), new KnownLayer("e", Made(count, 4, 5))];
            var grid = LayerGrid.Of(first, second);
            for (var i = 0; i < 3; i++)
                for (var j = 0; j < 2; j++) Assert.Equal(LinearCka.Of(first[i].Read(), second[j].Read()).Linear!.Value, grid.Values[i][j].Linear!.Value, 1e-9);
            Assert.Equal([0, 1, 1], Enumerable.Range(0, 3).Select(grid.Beside));
        }
    }

    private static Features Made(int count, int width, int seed)
    {
        var random = new Random(seed);
        return new(count, width, [.. Enumerable.Range(0, count * width).Select(_ => random.NextDouble())]);
    }

    private static Features Moved(Features x, double by) => new(x.Count, x.Width, [.. x.Rows(0, x.Count).ToArray().Select(value => value + by)]);
}
