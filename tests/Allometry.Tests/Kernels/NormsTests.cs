using Allometry.Kernels;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

public unsafe class NormsTests
{
    [Fact]
    public void Sums_of_squares_are_those_of_double_precision_for_any_count()
    {
        foreach (var count in (int[])[0, 1, 15, 16, 17, 31, 33, 4095, 4096, 4097, 100_003])
        {
            using var x = new Grid(1, count, 1, count);
            var exact = Enumerable.Range(0, count).Sum(i => (double)x[0, i] * x[0, i]);
            Assert.Equal(exact, Norms.SumOfSquares(x.Matrix.Data, count), 1e-6 * exact);
        }
    }

    [Fact]
    public void Of_several_tensors_they_add_up_and_one_that_is_no_number_shows()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor[] tensors = [randn(3), randn(70, 90), randn(1), randn(5000)];
        var exact = tensors.Sum(tensor => tensor.to(float64).square().sum().item<double>());
        Assert.Equal(exact, Norms.SumOfSquares(tensors), 1e-6 * exact);
        tensors[1][69, 89] = float.NaN;
        Assert.True(double.IsNaN(Norms.SumOfSquares(tensors)));
    }
}
