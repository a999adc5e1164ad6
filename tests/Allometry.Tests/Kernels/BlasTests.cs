using Allometry.Kernels;
using CsCheck;
using static Allometry.Tests.Training.Tiny;

namespace Allometry.Tests.Kernels;

public unsafe class BlasTests
{
    private static readonly Gen<(int Rows, int Inner, int Columns)> Sizes = Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[1, 40]);

    [Fact]
    public void Products_are_those_of_the_definition_whatever_the_strides_and_transposes() =>
        Gen.Select(Sizes, Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 3]), Gen.Bool, Gen.Bool, OneOf(0f, 1f), Gen.Int).Sample((sizes, gaps, flipA, flipB, keep, seed) =>
        {
            var (rows, inner, columns) = sizes;
            using var a = new Grid(flipA ? inner : rows, flipA ? rows : inner, gaps.Item1, seed);
            using var b = new Grid(flipB ? columns : inner, flipB ? inner : columns, gaps.Item2, seed + 1);
            using var c = new Grid(rows, columns, gaps.Item3, seed + 2);
            var expected = Expected(a.Values(flipA), b.Values(flipB), c.Values(false), keep);
            if (keep == 0) c.Fill(float.NaN);
            Blas.Multiply(flipA ? a.Matrix.Transposed : a.Matrix, flipB ? b.Matrix.Transposed : b.Matrix, c.Matrix, keep);
            AssertClose(expected, c);
        }, iter: 300, threads: 1);

    [Fact]
    public void Products_with_a_packed_matrix_are_those_of_the_definition() =>
        Gen.Select(Sizes, Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 3]), Gen.Bool, OneOf(0f, 1f), Gen.Int).Sample((sizes, gaps, flip, keep, seed) =>
        {
            var (rows, inner, columns) = sizes;
            using var a = new Grid(rows, inner, gaps.Item1, seed);
            using var b = new Grid(flip ? columns : inner, flip ? inner : columns, gaps.Item2, seed + 1);
            using var c = new Grid(rows, columns, gaps.Item3, seed + 2);
            using var frame = Scratch.Open();
            var packed = Packing.All(frame, flip ? b.Matrix.Transposed : b.Matrix)[0];
            var expected = Expected(a.Values(false), b.Values(flip), c.Values(false), keep);
            if (keep == 0) c.Fill(float.NaN);
            Blas.Multiply(a.Matrix, packed, c.Matrix, keep);
            AssertClose(expected, c);
        }, iter: 300, threads: 1);

    [Theory]
    [InlineData(1, 300, 700)]
    [InlineData(200, 65, 130)]
    [InlineData(333, 1, 17)]
    public void Rows_may_be_more_or_fewer_than_packing_expects(int rows, int inner, int columns)
    {
        using var a = new Grid(rows, inner, 0, 1);
        using var b = new Grid(columns, inner, 0, 2);
        using var c = new Grid(rows, columns, 0, 3);
        using var frame = Scratch.Open();
        Blas.Multiply(a.Matrix, Packing.All(frame, b.Matrix.Transposed)[0], c.Matrix);
        AssertClose(Expected(a.Values(false), b.Values(true), c.Values(false), 0), c);
    }

    [Fact]
    public void Several_matrices_are_packed_each_into_its_own_place()
    {
        using var left = new Grid(9, 12, 0, 1);
        var grids = Enumerable.Range(0, 5).Select(i => new Grid(12, 3 + i, 0, 2 + i)).ToArray();
        using var frame = Scratch.Open();
        var packed = Packing.All(frame, [.. grids.Select(grid => grid.Matrix)]);
        for (var i = 0; i < grids.Length; i++)
        {
            using var c = new Grid(9, 3 + i, 0, 30);
            Blas.Multiply(left.Matrix, packed[i], c.Matrix);
            AssertClose(Expected(left.Values(false), grids[i].Values(false), c.Values(false), 0), c);
            grids[i].Dispose();
        }
    }

    [Fact]
    public void Nothing_times_nothing_is_nothing()
    {
        using var c = new Grid(2, 3, 0, 1);
        Blas.Multiply(new Matrix(null, 0, 4), new Matrix(null, 4, 3), c.Matrix.Slice(0, 0));
        Blas.Multiply(new Matrix(null, 2, 4), new Matrix(null, 4, 0), new Matrix(c.Matrix.Data, 2, 0));
        Assert.Equal(new Grid(2, 3, 0, 1).Values(false), c.Values(false));
    }

    private static double[,] Expected(double[,] a, double[,] b, double[,] c, float keep)
    {
        var result = new double[a.GetLength(0), b.GetLength(1)];
        for (var i = 0; i < a.GetLength(0); i++)
            for (var j = 0; j < b.GetLength(1); j++)
            {
                result[i, j] = keep == 0 ? 0 : keep * c[i, j];
                for (var k = 0; k < a.GetLength(1); k++) result[i, j] += a[i, k] * b[k, j];
            }
        return result;
    }

    private static void AssertClose(double[,] expected, Grid actual)
    {
        var values = actual.Values(false);
        for (var i = 0; i < expected.GetLength(0); i++)
            for (var j = 0; j < expected.GetLength(1); j++)
                Assert.Equal(expected[i, j], values[i, j], 1e-4);
        Assert.True(actual.GapsAreUntouched, "something was written between the rows");
    }
}
