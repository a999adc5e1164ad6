using Allometry.Kernels;
using Allometry.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

public class CrossEntropyTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, 0)]
    [InlineData(0, 1e-4)]
    [InlineData(0.3, 0.01)]
    public void Loss_with_smoothing_and_z_is_the_definition_in_double_precision(double smoothing, double z)
    {
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        manual_seed(2);
        const int rows = 9, vocabulary = 13;
        var logits = randn(rows, vocabulary) * 3;
        long[] targets = [0, 12, -1, 5, -100, 7, 7, 3, 1];
        var (loss, plain) = CrossEntropy.Sums(logits, tensor(targets), smoothing, z);
        var (expected, entropy) = (0.0, 0.0);
        foreach (var row in Enumerable.Range(0, rows).Where(row => targets[row] >= 0))
        {
            double[] values = [.. logits[row].data<float>().ToArray().Select(value => (double)value)];
            var logZ = Math.Log(values.Sum(Math.Exp));
            var hit = logZ - values[targets[row]];
            entropy += hit;
            expected += (1 - smoothing) * hit + smoothing * values.Average(value => logZ - value) + z * logZ * logZ;
        }
        Assert.Equal(expected, loss.ToDouble(), 1e-5 * expected);
        Assert.Equal(entropy, plain.ToDouble(), 1e-5 * entropy);
    }

    [Fact]
    public void Where_all_targets_are_ignored_the_sum_is_zero_and_so_is_its_gradient()
    {
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        var logits = randn([2, 5], requires_grad: true);
        var (loss, _) = CrossEntropy.Sums(logits, tensor([-1L, -1L]), 0.1, 1e-4);
        loss.backward();
        Assert.Equal(0, loss.ToDouble());
        Assert.Equal(0, logits.grad!.abs().max().item<float>());
    }
}
