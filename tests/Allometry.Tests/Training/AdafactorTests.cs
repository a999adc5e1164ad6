using Allometry.Models;
using Allometry.Training;
using CsCheck;
using TorchSharp.Modules;
using static Allometry.Tests.Training.Tiny;
using static TorchSharp.torch;

namespace Allometry.Tests.Training;

public sealed class AdafactorTests : IDisposable
{
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void The_first_step_of_a_vector_goes_by_the_sign_and_the_parameters_size()
    {
        // v = g^2, so x = g / |g|; the root mean square of (3, 4) is sqrt(12.5).
        var rate = 0.01 * Math.Sqrt(12.5);
        AssertClose([3 - rate, 4 + rate], After(new Adafactor(), [2], [3, 4], 0.01, [0.5, -2]));
    }

    [Fact]
    public void The_second_step_keeps_less_than_half_of_the_first()
    {
        // 1 - 2^-0.8 = 0.4256508; v = (0.4256508 * 0.25 + 0.5743492, 0.4256508 * 4 + 0.5743492) = (0.6807619, 2.2769525);
        // x = v^-0.5 = (1.2119993, 0.6627092) with a root mean square of 0.9767615, which is not clipped.
        AssertClose([3 - 0.1 - 0.12119993, 4 + 0.1 - 0.06627092], After(new Adafactor(ScaleByParameter: false), [2], [3, 4], 0.1, [0.5, -2], [1, 1]), 1e-7);
    }

    [Fact]
    public void A_parameter_near_zero_still_moves() =>
        AssertClose([-0.01 * 1e-3, 0.01 * 1e-3], After(new Adafactor(), [2], [0, 0], 0.01, [7, -1e-4]));

    [Fact]
    public void A_matrix_is_divided_by_the_product_of_its_rows_and_columns()
    {
        // g^2 = (1 4; 9 16): means of columns (5, 10), of rows (2.5, 12.5), of all 7.5; x = g sqrt(7.5 / (row * column)).
        double[] expected = [Math.Sqrt(0.6), Math.Sqrt(1.2), Math.Sqrt(1.08), Math.Sqrt(0.96)];
        AssertClose([.. expected.Select(x => -0.1 * x)], After(new Adafactor(FactoredFrom: 2, ScaleByParameter: false), [2, 2], [0, 0, 0, 0], 0.1, [1, 2, 3, 4]));
        AssertClose([-0.1, -0.1, -0.1, -0.1], After(new Adafactor(FactoredFrom: 3, ScaleByParameter: false), [2, 2], [0, 0, 0, 0], 0.1, [1, 2, 3, 4]));
    }

    [Fact]
    public void An_update_larger_than_one_is_scaled_down_to_one()
    {
        // The second step: v = 0.4256508 * 1e-4 + 0.5743492 * 1 for both, so x = 1.3194590 everywhere and is cut to 1.
        AssertClose([1 - 0.1 - 0.1, 1 - 0.1 - 0.1], After(new Adafactor(ScaleByParameter: false), [2], [1, 1], 0.1, [0.01, 0.01], [1, 1]));
    }

    [Fact]
    public void With_momentum_a_tenth_of_the_first_update_is_taken_and_the_rest_later()
    {
        AssertClose([1 - 0.01, 1 + 0.01], After(new Adafactor(ScaleByParameter: false, Momentum: 0.9), [2], [1, 1], 0.1, [3, -3]));
        AssertClose([1 - 0.01 - 0.019, 1 + 0.01 + 0.019], After(new Adafactor(ScaleByParameter: false, Momentum: 0.9), [2], [1, 1], 0.1, [3, -3], [3, -3]));
    }

    [Fact]
    public void Any_parameter_moves_as_the_equations_say()
    {
        var options = Gen.Select(Gen.Int[1, 5], Gen.Bool, OneOf(0.0, 0.5, 0.9), (from, scale, momentum) => new Adafactor(from, scale, momentum));
        var shapes = Gen.Long[1, 5].Array[1, 3];
        Gen.Select(options, shapes, Gen.Int).Sample((adafactor, shape, seed) =>
        {
            using var each = NewDisposeScope();
            manual_seed(seed);
            var parameter = new Parameter(randn(shape, float64));
            using var state = adafactor.Build([("w", parameter)]);
            var plain = new PlainAdafactor(shape, adafactor);
            var expected = Values(parameter);
            for (var step = 0; step < 4; step++)
            {
                var gradient = randn(shape, float64) * Math.Pow(10, seed % 4 * step);      // growing ones are clipped
                expected = plain.Step(expected, Values(gradient), 0.05);
                parameter.grad = gradient;
                state.Step(step, 0.05);
                AssertClose(expected, Values(parameter));
            }
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void A_gradient_scaled_by_the_step_is_one_scaled_before()
    {
        var (inside, outside) = (new Parameter(ones(3)), new Parameter(ones(3)));
        using var first = new Adafactor().Build([("w", inside)]);
        using var second = new Adafactor().Build([("w", outside)]);
        (inside.grad, outside.grad) = (tensor([1f, 2, 4]), tensor([1f, 2, 4]) * 0.25f);
        first.Step(0, 0.1, gradientScale: 0.25);
        second.Step(0, 0.1);
        Assert.Equal(inside.data<float>().ToArray(), outside.data<float>().ToArray());
        Assert.Equal(first.Tensors["w.square.0"].data<float>().ToArray(), second.Tensors["w.square.0"].data<float>().ToArray());
    }

    [Theory]
    [InlineData(new long[] { 127, 4000 }, new[] { 127 * 4000L })]       // one side is below 128
    [InlineData(new long[] { 4000 }, new[] { 4000L })]
    [InlineData(new long[] { 128, 200 }, new[] { 128L, 200 })]          // without the largest, without the second
    [InlineData(new long[] { 200, 128 }, new[] { 128L, 200 })]
    [InlineData(new long[] { 130, 2, 140 }, new[] { 2 * 130L, 2 * 140 })]
    [InlineData(new long[] { 2, 128, 128 }, new[] { 2 * 128L, 2 * 128 })]
    public void Rows_and_columns_are_kept_from_128_on(long[] shape, long[] numbers)
    {
        using var state = new Adafactor().Build([("w", new Parameter(zeros(shape)))]);
        Assert.Equal(numbers, state.Tensors.Values.Select(tensor => tensor.numel()));
    }

    [Fact]
    public void Of_equal_dimensions_the_first_counts_as_the_largest()
    {
        var gradient = arange(1, 19, float32).view(2, 3, 3);
        using var state = new Adafactor(2).Build([("w", new Parameter(zeros(2, 3, 3)) { grad = gradient.clone() })]);
        state.Step(0, 0.1);
        Assert.Equal(gradient.square().mean([1]).data<float>().ToArray(), state.Tensors["w.square.0"].data<float>().ToArray());
        Assert.Equal(gradient.square().mean([2]).data<float>().ToArray(), state.Tensors["w.square.1"].data<float>().ToArray());
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays_and_so_does_its_state()
    {
        var (moved, left) = (new Parameter(ones(2)), new Parameter(ones(2)));
        using var state = new Adafactor().Build([("moved", moved), ("left", left)]);
        moved.grad = ones(2);
        state.Step(0, 0.1);
        Assert.Equal([1f, 1f], left.data<float>().ToArray());
        Assert.Equal(0, state.Tensors["left.square.0"].sum().item<float>());
        Assert.True(moved[0].item<float>() < 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void The_bytes_foretold_are_those_kept(double momentum)
    {
        var shape = new Shape(130, 140, 16, 9, 1, 1, 200);
        var (adafactor, architecture) = (new Adafactor(Momentum: momentum), new EncoderDecoder());
        using var model = architecture.Build(shape);
        using var state = adafactor.Build([.. model.named_parameters()]);
        Assert.Equal(state.Tensors.Values.Sum(tensor => 4.0 * tensor.numel()), adafactor.StateBytes(architecture.Count(shape, new()).Weights));
    }

    private static double[] After(Adafactor adafactor, long[] shape, double[] weights, double learningRate, params double[][] gradients)
    {
        var parameter = new Parameter(tensor(weights).view(shape));
        using var state = adafactor.Build([("w", parameter)]);
        foreach (var (step, gradient) in gradients.Index())
        {
            parameter.grad = tensor(gradient).view(shape);
            state.Step(step, learningRate);
        }
        return Values(parameter);
    }

    private static double[] Values(Tensor tensor) => tensor.contiguous().data<double>().ToArray();

    private static void AssertClose(double[] expected, double[] actual, double tolerance = 1e-11)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance * Math.Max(1, Math.Abs(pair.First))));
    }
}
