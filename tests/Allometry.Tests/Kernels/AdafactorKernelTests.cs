using Allometry.Training;
using CsCheck;
using TorchSharp.Modules;
using static Allometry.Tests.Training.Tiny;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

public class AdafactorKernelTests
{
    [Fact]
    public void Any_parameter_moves_as_library_operations_move_it()
    {
        var options = Gen.Select(OneOf(1, 16, 128), Gen.Bool, OneOf(0.0, 0.9), (from, scale, momentum) => new Adafactor(from, scale, momentum));
        var shapes = Gen.OneOf(Gen.Long[1, 200].Array[1, 2], Gen.Long[1, 3000].Array[1], Gen.Const(new long[] { 128, 128 }), Gen.Const(new long[] { 257, 140 }), Gen.Const(new long[] { 3, 5, 7 }));
        Gen.Select(options, shapes, Gen.Int, Gen.Int[1, 2]).Sample((adafactor, shape, seed, threads) => WithThreads(threads, () =>
        {
            using var each = NewDisposeScope();
            manual_seed(seed);
            var start = randn(shape);
            var (fused, plain) = (new Parameter(start.clone()), new Parameter(start.clone()));
            using var fast = adafactor.Build([("w", fused)]);
            using var slow = adafactor.Build([("w", plain)]);
            slow.Plain = true;
            for (var step = 0; step < 3; step++)
            {
                var gradient = randn(shape) * Math.Pow(10, seed % 3 * step);
                (fused.grad, plain.grad) = (gradient.clone(), gradient.clone());
                fast.Step(step, 0.05, gradientScale: 0.5);
                slow.Step(step, 0.05, gradientScale: 0.5);
            }
            AssertClose(plain, fused);
            foreach (var (name, tensor) in slow.Tensors) AssertClose(tensor, fast.Tensors[name]);
        }), iter: 200, threads: 1);
    }

    [Fact]
    public void A_step_gives_the_same_bits_again()
    {
        var results = Enumerable.Range(0, 2).Select(_ =>
        {
            manual_seed(3);
            var parameter = new Parameter(randn(300, 170));
            using var state = new Adafactor(Momentum: 0.9).Build([("w", parameter)]);
            for (var step = 0; step < 3; step++)
            {
                parameter.grad = randn(300, 170);
                state.Step(step, 0.01);
            }
            return parameter.data<float>().ToArray();
        }).ToArray();
        Assert.Equal(results[0], results[1]);
    }

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.InRange((expected - actual).abs().max().item<float>(), 0, 3e-6f * Math.Max(1e-3f, expected.abs().max().item<float>()));

    private static void WithThreads(int threads, Action body)
    {
        var before = get_num_threads();
        set_num_threads(threads);
        try { body(); }
        finally { set_num_threads(before); }
    }
}
