using Allometry.Kernels;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>A router and its experts as one operation, beside one library operation after the other.</summary>
public class RoutedKernelTests
{
    public static TheoryData<string> Names => [.. Bank.Known.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Any_numbers_of_rows_give_what_library_operations_give(string name)
    {
        foreach (var counts in (int[][])[[1], [3, 1], [0, 5, 0, 17], [64, 0, 65]]) Agrees(name, counts, square: 0.3);
    }

    [Theory, InlineData(0.0, false), InlineData(0.3, false), InlineData(0.0, true), InlineData(0.3, true)]
    public void What_routing_costs_is_differentiated_with_all_rows_or_some(double square, bool some) => Agrees("gated gelu", [9, 0, 20], square, some);

    [Fact]
    public void Where_routing_costs_nothing_the_gradients_are_the_outputs() => Agrees("gated gelu", [9, 0, 20], square: null);

    [Theory, InlineData(null), InlineData(0.0), InlineData(0.3)]
    public void Who_asks_for_probabilities_and_denominators_can_differentiate_them(double? square) => Agrees("dense relu", [9, 0, 20], square, decisions: true);

    [Theory, InlineData("output"), InlineData("output", "loss"), InlineData("output", "probabilities"), InlineData("output", "denominators")]
    public void Where_some_results_alone_are_used_the_gradients_are_theirs(params string[] used) => Agrees("gated gelu", [9, 0, 20], square: 0.3, decisions: true, used: used);

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void More_rows_than_the_backward_pass_holds_at_once_give_it_on_any_threads(int threads)
    {
        using var team = new Threads(threads);
        foreach (var norm in (Norm[])[new RootMeanSquareNorm(), new LayerNorm()]) Agrees("dense relu", [2100, 3, 7], square: 0.3, some: true, norm: norm, dropout: 0.2);
    }

    [Fact]
    public void Rows_of_which_no_expert_takes_any_come_out_as_they_are()
    {
        Agrees("dense relu", [0, 0], square: 0.3);
        Agrees("gated gelu", [0], square: 0);
    }

    /// <param name="square">The factor of squared logarithms of denominators; null: routing costs nothing.</param>
    /// <param name="some">Whether some rows alone cost something.</param>
    private static void Agrees(string name, int[] counts, double? square, bool some = false, Norm? norm = null, double dropout = 0, bool decisions = false, params string[] used)
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
            double[] factors = [.. counts.Select((_, i) => 0.5 + i)];
            bool[] costs = some ? [.. Enumerable.Range(0, 2 * (int)x.size(0)).Select(row => row % 3 != 0)] : [];
            Tensor y;
            Tensor? loss, probabilities, denominators;
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
                var each = probabilities.mv(way.Of(tensor(factors))) + (square.GetValueOrDefault() * denominators!.squeeze(1).square()); // [row]
                loss = square is null ? null : (some ? each[tensor(costs)] : each).sum();
            }
            else
            {
                var router = new RouterCall(layer.Router.Norm.Row, layer.Router.Weight, jitter) { WithDenominators = square > 0 || decisions };
                (y, loss, probabilities, denominators) = RoutedKernel.Run(x, new(router, layer.Bank.Weights, (_, _) =>
                    new(new(layer.Bank.Weights, rows, ends) { HiddenMask = Masks(), OutputMask = mask, Length = 2 }, square is { } factor ? new(factors, factor, costs) : null))
                { WithDecisions = decisions });
            }
            var results = new Dictionary<string, Tensor?> { ["output"] = y, ["loss"] = loss };
            if (decisions) (results["probabilities"], results["denominators"]) = (probabilities, denominators);
            results.Where(result => used.Length == 0 || used.Contains(result.Key)).Select(result => result.Value).OfType<Tensor>().Select(result => Twins.Weighed(result, way)).Aggregate((sum, one) => sum + one).backward();
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
