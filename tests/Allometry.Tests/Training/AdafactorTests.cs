using Allometry.Costs;
using Allometry.Native;
using Allometry.Training;
using static TorchSharp.torch;
using AdamW = Allometry.Training.AdamW;
using Parameter = TorchSharp.Modules.Parameter;

namespace Allometry.Tests.Training;

public class AdafactorTests
{
    private const double Rate = 0.03;

    [Theory]
    [InlineData(5, 4, 1, true, 0)]          // factored
    [InlineData(4, 5, 1, true, 0)]
    [InlineData(6, 6, 6, true, 0)]          // equal sizes
    [InlineData(5, 4, 5, true, 0)]          // one side too small: every square is kept
    [InlineData(5, 4, 1, false, 0)]
    [InlineData(5, 4, 1, true, 0.9)]
    public void Its_steps_are_those_of_the_definition(int rows, int columns, int factoredFrom, bool scaled, double momentum)
    {
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        manual_seed(3);
        var weight = new Parameter(randn(rows, columns) * 0.5);
        var reference = new Definition(Matrix(weight), factoredFrom, scaled, momentum);
        using var state = new Adafactor(factoredFrom, scaled, momentum).Build([("w", weight)]);
        for (var step = 0; step < 8; step++)
        {
            var gradient = randn(rows, columns) * (step == 4 ? 1e3 : 0.1);      // one that has to be clipped
            reference.Step(step, Matrix(gradient));
            weight.grad = gradient;
            state.Step(step, Rate);
            var actual = Matrix(weight);
            Assert.All(Enumerable.Range(0, rows * columns), i => Assert.Equal(reference.Weight[i / columns, i % columns], actual[i / columns, i % columns], 1e-5));
        }
    }

    [Fact]
    public void A_first_step_moves_every_weight_of_a_vector_by_rate_times_its_scale()
    {
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        var weight = new Parameter(tensor([3f, 4f]));                   // root mean square sqrt(12.5)
        using var state = new Adafactor().Build([("w", weight)]);
        weight.grad = tensor([0.001f, -70f]);                           // g / sqrt(g^2) = +-1, of root mean square 1: not clipped
        state.Step(0, 0.01);
        var moved = 0.01 * Math.Sqrt(12.5);
        Assert.Equal([3 - moved, 4 + moved], weight.data<float>().ToArray().Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Weights_of_zero_still_move_by_the_floor_of_their_scale()
    {
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        var weight = new Parameter(zeros(3));
        using var state = new Adafactor().Build([("w", weight)]);
        weight.grad = ones(3);
        state.Step(0, 0.5);
        Assert.All(weight.data<float>().ToArray(), value => Assert.Equal(-0.5e-3, value, 1e-8));
    }

    [Fact]
    public void Scaling_gradients_is_scaling_them_before()
    {
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        manual_seed(5);
        var start = randn(4, 4);
        float[] After(double scale, double outside)
        {
            var weight = new Parameter(start.clone());
            using var state = new AdamW().Build([("w", weight)]);
            weight.grad = start.cos() * outside;
            state.Step(0, 0.1, scale);
            return weight.data<float>().ToArray();
        }
        Assert.Equal(After(1, 0.25), After(0.25, 1));
    }

    [Theory]
    [InlineData(new long[] { 256, 128 }, 4 * (256 + 128))]
    [InlineData(new long[] { 256, 127 }, 4 * 256 * 127)]
    [InlineData(new long[] { 512 }, 4 * 512)]
    public void Its_state_takes_rows_and_columns_where_both_are_128_or_more(long[] shape, double bytes)
    {
        Assert.Equal(bytes, new Adafactor().StateBytes([new Weight("w", shape)]));
        Assert.Equal(bytes + 4 * shape.Aggregate(1.0, (product, size) => product * size), new Adafactor(Momentum: 0.9).StateBytes([new Weight("w", shape)]));
    }

    private static double[,] Matrix(Tensor tensor)
    {
        var values = tensor.detach().contiguous().data<float>().ToArray();
        var (rows, columns) = ((int)tensor.size(0), (int)tensor.size(1));
        var matrix = new double[rows, columns];
        for (var i = 0; i < values.Length; i++) matrix[i / columns, i % columns] = values[i];
        return matrix;
    }

    /// <summary>Mesh TensorFlow's optimize.py (papers: Shazeer and Stern 2018, algorithm 4 with update clipping and relative step), in double precision and loops.</summary>
    private sealed class Definition(double[,] weight, int factoredFrom, bool scaled, double momentum)
    {
        private readonly int rows = weight.GetLength(0), columns = weight.GetLength(1);
        private readonly double[,] squares = new double[weight.GetLength(0), weight.GetLength(1)], mean = new double[weight.GetLength(0), weight.GetLength(1)];
        private readonly double[] byRow = new double[weight.GetLength(0)], byColumn = new double[weight.GetLength(1)];

        public double[,] Weight => weight;

        public void Step(int step, double[,] gradient)
        {
            var keep = 1 - Math.Pow(step + 1, -0.8);
            var update = new double[rows, columns];
            Remember(gradient, keep);
            for (var i = 0; i < rows; i++)
                for (var j = 0; j < columns; j++)
                    update[i, j] = gradient[i, j] / Math.Sqrt(Math.Min(rows, columns) >= factoredFrom ? byRow[i] * byColumn[j] / byRow.Average() : squares[i, j]);
            var size = Rate * (scaled ? Math.Max(1e-3, Rms(weight)) : 1) / Math.Max(1, Rms(update));
            for (var i = 0; i < rows; i++)
                for (var j = 0; j < columns; j++)
                    weight[i, j] -= mean[i, j] = momentum * mean[i, j] + (1 - momentum) * size * update[i, j];
        }

        private void Remember(double[,] gradient, double keep)
        {
            for (var i = 0; i < rows; i++)
                for (var j = 0; j < columns; j++)
                    squares[i, j] = keep * squares[i, j] + (1 - keep) * (gradient[i, j] * gradient[i, j] + 1e-30);
            // The mean of the decayed squares is the decayed mean of the squares.
            for (var i = 0; i < rows; i++) byRow[i] = Enumerable.Range(0, columns).Average(j => squares[i, j]);
            for (var j = 0; j < columns; j++) byColumn[j] = Enumerable.Range(0, rows).Average(i => squares[i, j]);
        }

        private static double Rms(double[,] values) => Math.Sqrt(values.Cast<double>().Average(value => value * value));
    }
}
