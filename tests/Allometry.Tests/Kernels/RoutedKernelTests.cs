using Allometry.Kernels;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>A router and its experts as one operation, beside one library operation after the other.</summary>
public class RoutedKernelTests
{
    private static readonly string[] All = ["output", "probabilities", "denominators"];

    public static TheoryData<string> Names => [.. Bank.Known.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Any_numbers_of_rows_give_what_library_operations_give(string name)
    {
        foreach (var counts in (int[][])[[1], [3, 1], [0, 5, 0, 17], [64, 0, 65]]) Agrees(name, counts, All);
    }

    [Theory, InlineData("output"), InlineData("output", "probabilities"), InlineData("output", "denominators")]
    public void Where_some_results_alone_are_used_the_gradients_are_theirs(params string[] used) => Agrees("gated gelu", [9, 0, 20], used);

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void More_rows_than_the_backward_pass_holds_at_once_give_it_on_any_threads(int threads)
    {
        using var team = new Threads(threads);
        foreach (var norm in (Norm[])[new RootMeanSquareNorm(), new LayerNorm()]) Agrees("dense relu", [2100, 3, 7], All, norm, dropout: 0.2);
    }

    [Fact]
    public void Rows_of_which_no_expert_takes_any_come_out_as_they_are()
    {
        Agrees("dense relu", [0, 0], All);
        Agrees("gated gelu", [0], ["output", "probabilities"]);
    }

    private static void Agrees(string name, int[] counts, string[] used, Norm? norm = null, double dropout = 0)
    {
        const int width = 20, hidden = 37;
        using var layer = Twins.Randomised(new Layer(new Router(norm ?? new RootMeanSquareNorm(), width, counts.Length), new Bank(Bank.Known[name], width, hidden, counts.Length, dropout)), seed: 5);
        int[] ends = [.. counts.Select((_, i) => counts[..(i + 1)].Sum())];
        long[] rows = [.. randperm(ends[^1] + 2 + (ends[^1] % 2), generator: new Generator(3)).data<long>().Take(ends[^1])]; // two or three rows have no expert
        Twins.Agree(layer, way =>
        {
            manual_seed(7);
            var x = way.Of(randn((ends[^1] + 3) / 2, 2, width).requires_grad_()); // sequences of two
            var mask = way.Of(rand(x.size(0), 1, width));
            var jitter = Noise.Around1(0.1);
            Tensor y;
            Tensor? probabilities, denominators;
            if (way.Plain)
            {
                (var normed, probabilities, denominators) = layer.Router.ByLibrary(x, jitter);
                var made = zeros_like(normed);
                foreach (var (expert, count) in counts.Index().Where(expert => expert.Item > 0))
                {
                    var mine = tensor(rows[(ends[expert] - count)..ends[expert]]);
                    using var context = new Context(new Pass());
                    var output = layer.Bank.Experts[expert].forward(normed.index_select(0, mine).unsqueeze(1), context).squeeze(1);
                    made = made.index_add(0, mine, output * probabilities.select(1, expert).index_select(0, mine).unsqueeze(1), 1);
                }
                y = x + (made.view_as(x) * mask);
            }
            else
            {
                var router = new RouterCall(layer.Router.Norm.Row, layer.Router.Weight, jitter) { WithDenominators = used.Contains("denominators") };
                (y, probabilities, denominators) = RoutedKernel.Run(x, new(router, layer.Bank.Weights, (_, _) => new(layer.Bank.Weights, rows, ends) { HiddenMask = Masks(), OutputMask = mask, Length = 2 }) { WithProbabilities = used.Contains("probabilities") });
            }
            var results = new Dictionary<string, Tensor?> { ["output"] = y, ["probabilities"] = probabilities, ["denominators"] = denominators }.Where(result => used.Contains(result.Key)).ToDictionary();
            results.Values.Select(result => Twins.Weighed(result!, way)).Aggregate((sum, one) => sum + one).backward();
            return new(results) { ["gradient of input"] = x.grad };

            // Drawn in the order in which the experts draw them by themselves.
            Tensor? Masks() => dropout == 0 ? null : cat([.. counts.Where(count => count > 0).Select(count => new Dropout(dropout).Mask(true, x, count, hidden)!)]).squeeze(1);
        });
    }

    private sealed class Layer : nn.Module
    {
        public Layer(Router router, Bank bank) : base("layer")
        {
            (Router, Bank) = (router, bank);
            register_module("router", router);
            register_module("bank", bank);
        }

        public Router Router { get; }

        public Bank Bank { get; }
    }
}
