using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.Switch;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Switch;

/// <summary>One sparse layer, beside the worked numbers of the references and the dense layer that it contains.</summary>
public class SwitchFeedForwardTests : IDisposable
{
    private const int Width = 6, Hidden = 9;

    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Tokens_over_capacity_pass_through_the_residual()
    {
        var (module, x) = (Build(new(Experts: 1) { Capacity = new FixedCapacity(3) }), randn(2, 5, Width));
        var y = Forward(module, x);
        Assert.All(Enumerable.Range(0, 2), row => Assert.Equal([true, true, true, false, false], y[row].abs().sum([1]).gt(0).data<bool>().ToArray()));
        using var pass = new Pass();
        using var context = new Context(pass);
        using var sublayer = Stack.Of(new FeedForwardSublayer(new SwitchFeedForward(1) { Capacity = new FixedCapacity(3) })).Build("stack", 1, Place());
        using var open = new FeedForwardSublayer(new SwitchFeedForward(1) { Capacity = new FixedCapacity(3) }).Build(Place());
        Assert.Equal(x[.., 3..].data<float>().ToArray(), open.forward(x, context)[.., 3..].data<float>().ToArray());
    }

    [Fact]
    public void One_expert_is_the_dense_layer_and_its_balance_loss_the_weight()
    {
        var (module, x) = (Build(new(Experts: 1, BalanceWeight: 0.03)), randn(2, 7, Width));
        using var pass = new Pass { Plain = true };
        using var context = new Context(pass);
        AssertClose(Dense(module, 0, x), module.forward(x, context));
        Assert.Equal(0.03, pass.Auxiliary()!.item<float>(), 1e-7);
    }

    [Theory, InlineData(1), InlineData(3)]
    public void It_is_what_dispatch_and_combine_tensors_give(int tries) => Gen.Select(Gen.Int[1, 3], Gen.Int[1, 12], Gen.Int[3, 5], Gen.Int[1, 4]).Sample((rows, length, experts, slots) =>
    {
        using var inner = NewDisposeScope();
        var (module, x) = (Build(new(experts, Tries: tries) { Capacity = new FixedCapacity(slots) }), randn(rows, length, Width));
        var p = Router(module, x).softmax(-1); // [row, token, expert]
        var order = p.argsort(-1, descending: true);
        var (used, combine) = (zeros(rows, experts), zeros_like(p));
        for (var turn = 0; turn < tries; turn++)
            for (var row = 0; row < rows; row++)
                for (var token = 0; token < length; token++)
                {
                    var expert = order[row, token, turn].item<long>();
                    if (combine[row, token].sum().item<float>() > 0 || used[row, expert].item<float>() >= slots) continue;
                    used[row, expert] += 1;
                    combine[row, token, expert] = p[row, token, expert];
                }
        var outputs = stack(Enumerable.Range(0, experts).Select(expert => Dense(module, expert, x)), 2); // [row, token, expert, width]
        AssertClose((outputs * combine.unsqueeze(-1)).sum([2]), Forward(module, x));
    }, iter: 20, threads: 1);

    [Fact]
    public void Rows_do_not_depend_on_each_other_unless_they_share_a_group()
    {
        var x = randn(3, 8, Width);
        foreach (var group in (int?[])[null, 24])
        {
            var module = Build(new(4, group) { Capacity = new FixedCapacity(2) });
            var same = (Forward(module, x)[2] - Forward(module, x[2..])[0]).abs().max().item<float>() < 1e-6;
            Assert.Equal(group is null, same);
        }
    }

    [Theory]
    [InlineData(1.25, null, 4, 128, 128, 8, true, 20)]
    [InlineData(1.25, null, 4, 130, 200, 8, true, 20)]      // floor(20.3), of the tokens that are no padding
    [InlineData(1.0, null, 4, 9, 9, 8, true, 4)]            // the least
    [InlineData(16.0, null, 4, 10, 10, 8, true, 10)]        // no more than the group
    [InlineData(1.25, null, 4, 128, 128, 8, false, int.MaxValue)]
    [InlineData(1.25, 2.0, 4, 128, 128, 8, false, 32)]
    public void Capacity_is_rounded_down_and_at_least_the_least(double factor, double? evaluation, int least, int tokens, int positions, int experts, bool training, int expected) =>
        Assert.Equal(expected, new FactorCapacity(factor, evaluation, least).Slots(tokens, positions, experts, training));

    [Fact]
    public void The_balance_loss_of_the_reference_test_is_the_references()
    {
        var p = Rows("0.35490513,0.60419905 0.4275843,0.23061597 0.32985854,0.43953657 0.25099766,0.27730572 0.7678207,0.71474564");
        Assert.Equal(0.8741045, Balance(new Routing(p, p, null, new([], [0, 0], [3, 2], 5))).item<float>(), 1e-5); // experts 0, 1, 1, 0, 0
    }

    [Fact]
    public void The_z_loss_of_the_reference_test_is_the_references()
    {
        var logits = Rows("""
            -4.2124424,3.891939,-3.6481273,1.8849981 0.32625437,2.918651,0.84758997,-4.556842 -3.32062,4.6977115,-0.15439987,0.44086337 3.4467149,4.3436565,-4.7224274,-4.264637
            -2.224406,-2.5318158,-1.3832569,1.1891162 -2.320062,-0.44705987,4.289819,-0.00662684 0.99470854,-0.6992364,0.25503993,4.2952085 3.5937333,-3.2408535,-4.298278,4.426601
            0.7669008,2.6588762,2.4505413,4.6051874 0.23330331,-3.0845237,0.6262374,-2.9865491 0.7595146,-2.1099675,-4.155346,-2.8326452 2.3771453,1.004138,-3.1781673,0.7581556
            """);
        Assert.Equal(13.786719, Z(Of(logits)).item<float>(), 1e-5);
    }

    [Fact]
    public void Both_losses_of_the_references_router_test_are_the_references()
    {
        var x = Rows("""
            0.6433916,0.18188512,0.02240455,0.563781 0.5526401,0.0958724,0.34253013,0.03644359 0.08744538,0.7909105,0.35205448,0.53364205
            0.02900076,0.4168595,0.5802449,0.91486526 0.27414513,0.14991808,0.9383501,0.5209162 0.51207185,0.90618336,0.7309413,0.95533276
            """);
        var routing = Of(x.mm(Rows("0.02008116,0.00620062 -0.00811031,-0.00031623 -0.03542127,0.02703803 0.02335377,-0.02971946")));
        Assert.Equal((1.000308, 0.4789799), (Math.Round(Balance(routing).item<float>(), 6), Math.Round(Z(routing).item<float>(), 7)), new Close(1e-6));
    }

    [Theory, InlineData(0.0, 1.0), InlineData(30.0, 4.0)]
    public void An_undecided_router_has_balance_one_and_one_that_always_says_the_same_the_number_of_experts(double first, double expected) =>
        Assert.Equal(expected, Balance(Of(tensor(new float[] { (float)first, 0, 0, 0 }).repeat(10, 1))).item<float>(), 1e-6);

    [Fact]
    public void Padding_counts_in_no_loss()
    {
        var (logits, mask) = (randn(8, 4), tensor(new[] { true, true, false, true, false, true, true, true }));
        var (all, real) = (Routing.Of(Routing.Softmax(logits), mask, 8, 1, (_, _) => 1), Of(logits[mask]));
        AssertClose(Balance(real), Balance(all));
        AssertClose(Z(real), Z(all));
    }

    [Fact]
    public void Jitter_changes_the_router_alone_and_only_while_training()
    {
        var (module, x) = (Build(new(4, Jitter: 0.5) { Capacity = new FixedCapacity(99) }), randn(1, 50, Width));
        var still = Forward(module, x);
        Assert.Equal(still.data<float>().ToArray(), Forward(module, x).data<float>().ToArray());
        module.train();
        var ratio = (Forward(module, x) / still)[0]; // where it is the same expert, another gate
        var sameExpert = (ratio - ratio[.., ..1]).abs().max(1).values.lt(1e-4);
        Assert.True(sameExpert.sum().item<long>() > 10);
        Assert.True((ratio[.., 0] - 1).abs().gt(1e-4).logical_and(sameExpert).sum().item<long>() > 10);
    }

    [Fact]
    public void Routers_compute_in_single_precision_whatever_the_states_are()
    {
        var (module, x) = (Build(new(4)), randn(1, 400, Width).to(bfloat16));
        module.to(bfloat16);
        var narrow = Forward(module, x);
        module.to(float32); // the same rounded weights
        var exact = Forward(module, x.to(float32));
        Assert.Equal(bfloat16, narrow.dtype);
        Assert.InRange((narrow.to(float32) - exact).abs().max().item<float>(), 0, 0.05 * exact.abs().max().item<float>()); // else a token had gone to another expert
    }

    [Fact]
    public void Routers_compute_in_single_precision_where_operands_of_products_are_rounded()
    {
        var (module, x) = (Build(new(4, BalanceWeight: 0, ZWeight: 1)), randn(1, 400, Width));
        float[] Seen(Precision precision) // the squared logarithm of its denominator, and the gradient of that
        {
            using var products = Products.In(precision);
            using var pass = new Pass { Plain = true };
            using var context = new Context(pass);
            module.zero_grad();
            module.forward(x, context);
            var z = pass.Auxiliary()!;
            z.backward();
            return [z.item<float>(), .. module.get_parameter("router.weight")!.grad!.data<float>()];
        }

        Assert.Equal(Seen(Precision.Float32), Seen(Precision.Bfloat16));
    }

    [Theory, InlineData(0.0, 0.4, 0.0), InlineData(0.1, 0.4, 0.4), InlineData(0.1, null, 0.1)]
    public void Experts_have_a_dropout_of_their_own_where_the_model_has_any(double whole, double? inside, double expected) =>
        Assert.Equal(expected, new SwitchFeedForward(ExpertDropout: inside).DropoutIn(new EncoderDecoder { Dropout = whole }));

    [Fact]
    public void A_token_uses_one_expert_of_all_that_are_counted()
    {
        var shape = new Shape(Width, Hidden, 4, 2, 2, 2, 40);
        var dense = new EncoderDecoder().Count(shape, new Setting(2, 8, 8));
        var sparse = new EncoderDecoder { FeedForward = new SwitchFeedForward(8) }.Count(shape, new Setting(2, 8, 8));
        var router = 4 * 8 * Width; // four layers
        Assert.Equal(dense.Parameters + (7 * 4 * 2 * Width * Hidden) + router, sparse.Parameters);
        Assert.Equal(dense.ActiveParameters + router, sparse.ActiveParameters);
        Assert.Equal(dense.ForwardFlops + (2 * 2 * 8 * router), sparse.ForwardFlops);
    }

    [Fact]
    public void Nothing_is_dropped_while_a_text_is_written()
    {
        string Written(int slots)
        {
            manual_seed(3);
            using var model = new DecoderOnly { FeedForward = new SwitchFeedForward(2) { Capacity = new FixedCapacity(slots) } }.Build(new Shape(Width, Hidden, 4, 2, 0, 2, 40));
            model.eval();
            return string.Join(' ', new Allometry.Generation.GreedyDecoding { MaxNewTokens = 8 }.Write(model, arange(5, 25, int64).view(2, 10), null).SelectMany(written => written.Tokens));
        }
        Assert.Equal(Written(1000), Written(1));
    }

    [Theory]
    [InlineData("{ kind: switch, experts: 8, group: 100 }", "do not divide evenly")]
    [InlineData("{ kind: switch, experts: 64, group: 64, capacity: { kind: factor, factor: 0.5, least: 1 } }", "less than one slot")]
    [InlineData("{ kind: switch, experts: 8, group: 64, capacity: { kind: factor, factor: 4, evaluation: 0.01, least: 1 } }", "less than one slot")]
    [InlineData("{ kind: switch, expert: switch }", "experts itself")]
    [InlineData("{ kind: switch, expert: { kind: in-turn, of: [dense, switch] } }", "experts itself")]
    [InlineData("{ kind: switch, capacity: { kind: slots, each: 0 } }", "each")]
    [InlineData("{ kind: switch, capacity: { kind: factor, factor: 0 } }", "factor")]
    [InlineData("{ kind: switch, experts: 0 }", "experts")]
    [InlineData("{ kind: switch, experts: 2, tries: 3 }", "at most 2")]
    public void What_cannot_be_is_told_before_anything_runs(string yaml, string told) =>
        Assert.Contains(told, Assert.Throws<InputException>(() => Reader.Read<FeedForward>(yaml, "test")).Message, StringComparison.Ordinal);

    private static Place Place() => new(new EncoderDecoder(), new Shape(Width, Hidden, 4, 2, 1, 1, 40));

    private static SwitchModule Build(SwitchFeedForward choice)
    {
        manual_seed(11);
        var module = (SwitchModule)choice.Build(Place());
        using var still = no_grad();
        foreach (var parameter in module.parameters()) parameter.normal_();
        module.eval();
        return module;
    }

    private static Tensor Forward(SwitchModule module, Tensor x)
    {
        using var pass = new Pass { Plain = true };
        using var context = new Context(pass);
        return module.forward(x, context);
    }

    private static Tensor Router(SwitchModule module, Tensor x) => nn.functional.linear(x, module.get_parameter("router.weight")!);

    private static Tensor Dense(SwitchModule module, int expert, Tensor x) =>
        nn.functional.linear(nn.functional.linear(x, module.get_parameter($"experts.{expert}.input.weight")!).relu(), module.get_parameter($"experts.{expert}.output.weight")!);

    private static Tensor Balance(Routing routing) => routing.Loss(1, 0)!.Of(routing.Probabilities, null);

    private static Tensor Z(Routing routing) => routing.Loss(0, 1)!.Of(routing.Probabilities, routing.Denominators);

    private static Routing Of(Tensor logits) => Routing.Of(Routing.Softmax(logits), null, (int)logits.size(0), 1, (_, _) => int.MaxValue);

    private static Tensor Rows(string text) => stack(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .Select(row => tensor(row.Split(',').Select(value => float.Parse(value, System.Globalization.CultureInfo.InvariantCulture)).ToArray())));

    private static void AssertClose(Tensor expected, Tensor actual) => Assert.InRange((expected - actual).abs().max().item<float>(), 0, 2e-5 * Math.Max(1, expected.abs().max().item<float>()));

    private sealed class Close(double tolerance) : IEqualityComparer<(double, double)>
    {
        public bool Equals((double, double) x, (double, double) y) => Math.Abs(x.Item1 - y.Item1) <= tolerance && Math.Abs(x.Item2 - y.Item2) <= tolerance;

        public int GetHashCode((double, double) pair) => 0;
    }
}
