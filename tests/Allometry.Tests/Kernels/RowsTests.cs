using Allometry.Kernels;

namespace Allometry.Tests.Kernels;

/// <summary>Six rows of two sequences of three.</summary>
public unsafe class RowsTests
{
    public static TheoryData<int> Widths => [1, 15, 16, 17, 40];

    [Theory, MemberData(nameof(Widths))]
    public void Each_row_is_multiplied_by_its_sequences_mask(int width)
    {
        using var rows = new Grid(6, width, 0, 1);
        using var mask = new Grid(2, width, 0, 2);
        var before = rows.Values(false);
        Rows.Scale(rows.Matrix.Slice(1, 4), mask.Matrix, first: 1, length: 3);
        for (var row = 0; row < 6; row++)
            for (var i = 0; i < width; i++)
                Assert.Equal((float)(row is 0 or 5 ? before[row, i] : before[row, i] * mask[row / 3, i]), rows[row, i]);
    }

    [Theory, MemberData(nameof(Widths))]
    public void A_product_is_added_to_the_residual_masked_or_not(int width)
    {
        using var x = new Grid(6, width, 0, 1);
        using var a = new Grid(6, 4, 0, 2);
        using var b = new Grid(4, width, 0, 3);
        using var mask = new Grid(2, width, 0, 4);
        using var y = new Grid(6, width, 0, 5);
        using var frame = Scratch.Open();
        var packed = Packing.All(frame, b.Matrix)[0];
        foreach (var masked in (bool[])[false, true])
        {
            Rows.AddProduct(x.Matrix, a.Matrix, packed, y.Matrix, masked ? mask.Matrix : default, first: 0, length: 3, frame.Matrix(6, width));
            for (var row = 0; row < 6; row++)
                for (var i = 0; i < width; i++)
                {
                    var product = Enumerable.Range(0, 4).Sum(k => (double)a[row, k] * b[k, i]);
                    Assert.Equal(x[row, i] + (product * (masked ? mask[row / 3, i] : 1)), y[row, i], 1e-6);
                }
        }
    }

    [Theory, MemberData(nameof(Widths))]
    public void Rows_are_summed_in_their_order(int width)
    {
        using var rows = new Grid(6, width, 0, 1);
        using var sum = new Grid(1, width, 2, 2);
        Rows.Sum(rows.Matrix, sum.Matrix.Data);
        for (var i = 0; i < width; i++) Assert.Equal(rows[0, i] + rows[1, i] + rows[2, i] + rows[3, i] + rows[4, i] + rows[5, i], sum[0, i]);
        Assert.True(sum.GapsAreUntouched);
    }

    [Fact]
    public void Blocks_are_multiples_of_sixteen_between_sixteen_and_sixty_four()
    {
        foreach (var floats in (long[])[1, 100, 1536, 3000, 6000, 100_000]) Assert.Contains(Rows.InCache(floats), (int[])[16, 32, 48, 64]);
    }
}
