using Allometry.Kernels;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>Norm, jitter, product and softmax as one operation, beside one library operation after the other.</summary>
public class RouterKernelTests
{
    private static readonly string[] All = ["normed", "denominators", "probabilities"];

    [Theory, InlineData(0.0), InlineData(0.3)]
    public void Any_sizes_give_what_library_operations_give(double jitter)
    {
        foreach (var norm in (Norm[])[new RootMeanSquareNorm(), new LayerNorm()])
            foreach (var (rows, width, experts) in ((int, int, int)[])[(1, 7, 1), (3, 16, 1), (64, 20, 8), (65, 37, 16), (129, 64, 33), (7, 130, 2)])
                Agrees(norm, rows, width, experts, jitter, All);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void More_rows_than_the_backward_pass_holds_at_once_give_it_on_any_threads(int threads)
    {
        using var team = new Threads(threads);
        Agrees(new RootMeanSquareNorm(), 4099, 12, 5, 0.1, All);
    }

    [Theory, InlineData("normed"), InlineData("denominators"), InlineData("probabilities")]
    public void Where_one_result_alone_is_used_the_gradients_are_its(string result) => Agrees(new RootMeanSquareNorm(), 70, 24, 8, 0.2, [result]);

    [Fact]
    public void Logits_too_large_for_exponentials_have_probabilities_and_denominators()
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (tensor(new float[,] { { 1, 1 } }), tensor(new float[,] { { 500, 500 }, { 500, 499 }, { -500, -500 } }));
        var (_, probabilities, denominators) = RouterKernel.Run(x, new(new RowNorm(ones(2), 0), weight, null) { WithDenominators = true });
        Assert.Equal(1000 + Math.Log(1 + Math.Exp(-1)), denominators!.item<float>(), 1e-3);
        double[] expected = [1 / (1 + Math.Exp(-1)), 1 / (1 + Math.E), 0];
        Assert.All(expected.Zip(probabilities.data<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Its_product_is_one_of_single_precision_whatever_others_are()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var (x, call) = (randn(9, 32), new RouterCall(new RowNorm(ones(32), 1e-6), randn(4, 32), null));
        var exact = RouterKernel.Run(x, call).Probabilities;
        using var products = Products.In(Precision.Bfloat16);
        Assert.Equal(exact.data<float>().ToArray(), RouterKernel.Run(x, call).Probabilities.data<float>().ToArray());
    }

    private static void Agrees(Norm norm, int rows, int width, int experts, double jitter, string[] used)
    {
        using var router = Twins.Randomised(new Router(norm, width, experts), seed: 5);
        Twins.Agree(router, way =>
        {
            manual_seed(7);
            var x = way.Of(randn(1, rows, width).requires_grad_());
            var noise = jitter > 0 ? Noise.Around1(jitter) : null;
            var (normed, probabilities, denominators) = way.Plain ? router.ByLibrary(x, noise) : RouterKernel.Run(x, new(router.Norm.Row, router.Weight, noise) { WithDenominators = used.Contains("denominators") });
            Dictionary<string, Tensor?> results = new() { ["normed"] = normed, ["probabilities"] = probabilities };
            if (used.Contains("denominators")) results["denominators"] = denominators;
            used.Select(name => Twins.Weighed(results[name]!, way)).Aggregate((sum, one) => sum + one).backward();
            return new(results) { ["gradient of input"] = x.grad };
        });
    }
}
