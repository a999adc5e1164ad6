using Allometry.Kernels;
using Allometry.Native;
using CsCheck;
using TorchSharp;
using static Allometry.Tests.Training.Tiny;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

public class CrossEntropyTests
{
    [Fact]
    public void Loss_and_gradients_are_those_of_the_definition_in_double_precision() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[2, 9], OneOf(0.0, 0.1, 0.6), OneOf(0.0, 1e-4, 0.3), Gen.Int).Sample((rows, vocabulary, smoothing, z, seed) =>
        {
            using var scope = NewDisposeScope();
            manual_seed(seed);
            var logits = (3 * randn(rows, vocabulary, float64)).requires_grad_();
            var targets = randint(-2, vocabulary, rows, dtype: int64);
            var (loss, plain) = CrossEntropy.Sums(logits, targets, smoothing, z);
            loss.backward();

            var (expected, entropy, gradient) = Plain(logits.detach().data<double>().ToArray(), targets.data<long>().ToArray(), vocabulary, smoothing, z);
            Assert.Equal(expected, loss.item<double>(), 1e-10);
            Assert.Equal(entropy, plain.item<double>(), 1e-10);
            Assert.All(gradient.Zip(logits.grad!.data<double>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
        }, iter: 300, threads: 1);

    [Fact]
    public void Two_equal_logits_cost_log_2_and_their_denominators_square()
    {
        using var scope = NewDisposeScope();
        var (loss, plain) = CrossEntropy.Sums(zeros(1, 2, float64), tensor(new[] { 1L }), smoothing: 0.3, z: 0.5);
        Assert.Equal(Math.Log(2), plain.item<double>(), 1e-12);
        Assert.Equal(Math.Log(2) + 0.5 * Math.Log(2) * Math.Log(2), loss.item<double>(), 1e-12);
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

    [Fact]
    public void Logits_of_any_size_stay_finite()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new[,] { { 1e4f, -1e4f, 0 } }).requires_grad_();
        var (loss, _) = CrossEntropy.Sums(logits, tensor(new[] { 1L }), smoothing: 0.1, z: 1e-4);
        loss.backward();
        Assert.True(float.IsFinite(loss.item<float>()) && logits.grad!.isfinite().all().item<bool>());
    }

    private static (double Loss, double Entropy, double[] Gradient) Plain(double[] logits, long[] targets, int vocabulary, double smoothing, double z)
    {
        var (loss, entropy, gradient) = (0.0, 0.0, new double[logits.Length]);
        for (var row = 0; row < targets.Length; row++)
        {
            if (targets[row] < 0) continue;
            var start = row * vocabulary;
            var logZ = Math.Log(logits.Skip(start).Take(vocabulary).Sum(Math.Exp));
            for (var token = 0; token < vocabulary; token++)
            {
                var (logP, wanted) = (logits[start + token] - logZ, token == targets[row] ? 1 : 0);
                var share = ((1 - smoothing) * wanted) + (smoothing / vocabulary);
                loss -= share * logP;
                entropy -= wanted * logP;
                gradient[start + token] = Math.Exp(logP) - share + (2 * z * logZ * Math.Exp(logP));
            }
            loss += z * logZ * logZ;
        }
        return (loss, entropy, gradient);
    }
}
