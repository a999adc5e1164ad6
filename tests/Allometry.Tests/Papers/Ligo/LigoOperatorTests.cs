using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Models;
using Allometry.Papers.Ligo;
using Allometry.Tasks;
using Allometry.Tests.Training;
using Allometry.Text;
using Allometry.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Ligo;

/// <summary>The learnt operator against its definition, hand-set cases and differences.</summary>
public class LigoOperatorTests
{
    private static readonly Shape Small = new(6, 10, 3, 2, 2, 2, 64);

    public static TheoryData<string> Architectures => ["encoder-decoder", "{ kind: encoder-decoder, feed-forward: gated, tied: false }", "{ kind: decoder-only, feed-forward: gated }", "{ kind: decoder-only, positions: none, attention: { kind: multi-head, biased: true } }"];

    [Theory, MemberData(nameof(Architectures))]
    public void One_in_the_row_of_a_copy_makes_stacking_and_interpolation(string architecture)
    {
        var shape = Small with { EncoderLayers = 5, DecoderLayers = 4 };
        foreach (var depth in (DepthGrowth[])[new Stacking(), new Interpolation()])
        {
            using var small = Grown.Model(architecture, Small, 1);
            using var expected = Grown.Model(architecture, shape, 2);
            using var actual = Grown.Model(architecture, shape, 3);
            Grown.Stir(small);
            depth.Grow(Grown.Site(small, expected));
            using var grown = Operator(small, shape);
            Set(grown, depth);
            grown.Fill(actual);
            Close(expected, actual);
        }
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Identities_above_zeros_make_the_zero_padded_copy(string architecture)
    {
        var shape = new Shape(9, 14, 4, 3, 3, 4, 64);
        using var small = Grown.Model(architecture, Small, 1);
        using var expected = Grown.Model(architecture, shape, 2);
        using var actual = Grown.Model(architecture, shape, 3);
        Grown.Stir(small);
        using (no_grad())
            foreach (var weight in expected.parameters()) weight.zero_();
        new DirectCopy { Depth = new Stacking() }.Grow(Grown.Site(small, expected));
        using var grown = Operator(small, shape);
        // Where rows of heads are not two dimensions, one matrix moves each head to its new place.
        Set(grown, new Stacking());
        foreach (var (name, matrix) in grown.Coefficients.Where(one => one.Value.size(-1) == Small.AttentionWidth && one.Value.size(-2) == shape.AttentionWidth))
            using (no_grad())
            {
                matrix.zero_();
                for (var row = 0; row < Small.AttentionWidth; row++) matrix.select(-2, row / Small.HeadWidth * shape.HeadWidth + row % Small.HeadWidth).select(-1, row).fill_(1);
            }
        // As the copy that computes the same, and unlike one that is padded alone, it has a last gain that makes up for the root of the larger width.
        var last = expected.Architecture.Rescaled ? Math.Sqrt(9 / 6.0) : 1;
        using (no_grad()) expected.state_dict()["decoder.norm.weight"].mul_(last);
        grown.Fill(actual);
        Close(expected, actual);
    }

    /// <summary>ligo.md section 3: copies times c^-0.5 of channels, values and hidden units, queries and keys as they are; the gain, which is tied to the channels, is then what norms need.</summary>
    [Theory]
    [InlineData("{ kind: encoder-decoder, norm: { kind: rms, epsilon: 0 }, tied: false, rescaled: false }")]
    [InlineData("{ kind: encoder-decoder, norm: { kind: rms, epsilon: 0 }, feed-forward: gated, rescaled: false }")]
    [InlineData("{ kind: encoder-decoder, norm: { kind: rms, epsilon: 0 } }")]
    [InlineData("{ kind: decoder-only, norm: { kind: rms, epsilon: 0 }, rescaled: true }")]
    [InlineData("{ kind: encoder-decoder, norm: { kind: rms, epsilon: 0 }, tied: false, rescaled: true }")]
    [InlineData("{ kind: decoder-only, norm: { kind: rms, epsilon: 0 }, feed-forward: gated, tied: false, rescaled: false }")]
    public void Copies_scaled_by_the_root_of_their_number_compute_the_same(string architecture)
    {
        var shape = new Shape(12, 20, 3, 4, 3, 4, 64);
        using var small = Grown.Exact(Grown.Model(architecture, Small, 1));
        using var large = Grown.Exact(Grown.Model(architecture, shape, 2));
        Grown.Stir(small);
        using var grown = Operator(small, shape);
        using (no_grad())
            foreach (var (name, coefficient) in grown.Coefficients)
            {
                coefficient.zero_();
                coefficient.diagonal(0, -2, -1).fill_(1); // of layers: new ones write nothing
                if (name.EndsWith("-weight", StringComparison.Ordinal)) continue;
                coefficient.narrow(-2, coefficient.size(-1), coefficient.size(-1)).diagonal(0, -2, -1).fill_(1);
                if (name == "stream" || name.EndsWith("-value", StringComparison.Ordinal) || name.EndsWith("-input", StringComparison.Ordinal)) coefficient.mul_(Math.Sqrt(0.5));
            }
        grown.Fill(large);
        Assert.InRange(Grown.Distance(small, large), 0, 1e-10);
    }

    [Theory, MemberData(nameof(Architectures))]
    public void The_larger_weights_are_what_Kronecker_products_make_of_the_smaller(string architecture)
    {
        using var small = Grown.Exact(Grown.Model(architecture, Small with { ModelWidth = 3, EncoderLayers = 2, DecoderLayers = 2 }, 1));
        Grown.Stir(small);
        var shape = new Shape(5, 14, 3, 2, 4, 4, 64);
        using var large = Grown.Exact(Grown.Model(architecture, shape, 2));
        using var grown = Operator(small, shape);
        grown.Fill(large);
        var (from, to, by) = (small.state_dict(), large.state_dict(), grown.Coefficients);
        const string Input = "decoder.layers.{0}.sublayers.{1}.mixer.input.weight";
        var sublayer = to.ContainsKey("encoder.norm.weight") ? 2 : 1;
        Tensor Of(Dictionary<string, Tensor> weights, int layer) => weights[string.Format(null, Input, layer, sublayer)];

        // vec of the columns, L = w (x) I, R = blockdiag(A (x) B): Wang et al. 2023, equations 7 and 8.
        var (own, stream, depth) = (by[$"decoder-{sublayer}-input"], by["stream"], by[$"decoder-{sublayer}-input-weight"]);
        var width = block_diag(kron(stream, own[0]), kron(stream, own[1]));
        var blend = kron(depth, eye(14 * 5, dtype: float64));
        var expected = blend.mv(width.mv(cat([Of(from, 0).t().flatten(), Of(from, 1).t().flatten()])));
        Assert.InRange((expected - cat([.. Enumerable.Range(0, 4).Select(layer => Of(to, layer).t().flatten())])).abs().max().ToDouble(), 0, 1e-12);
    }

    [Fact]
    public void Where_all_layers_have_the_same_matrices_it_is_the_same_to_add_up_layers_first()
    {
        using var small = Grown.Exact(Grown.Model("encoder-decoder", Small, 1));
        using var added = Grown.Exact(Grown.Model("encoder-decoder", Small with { EncoderLayers = 4, DecoderLayers = 4 }, 2));
        var shape = new Shape(9, 14, 4, 3, 4, 4, 64);
        using var large = Grown.Exact(Grown.Model("encoder-decoder", shape, 2));
        using var other = Grown.Exact(Grown.Model("encoder-decoder", shape, 3));
        using LigoOperator both = Operator(small, shape), depth = Operator(small, added.Shape), width = Operator(added, shape);
        using (no_grad())
            foreach (var (name, coefficient) in both.Coefficients)
            {
                if (coefficient.dim() == 3) coefficient.copy_(coefficient.narrow(0, 0, 1).expand(coefficient.shape).clone());
                if (depth.Coefficients.TryGetValue(name, out var sums)) sums.copy_(coefficient);
                if (width.Coefficients.TryGetValue(name, out var matrix)) matrix.copy_(coefficient.dim() == 3 ? coefficient.narrow(0, 0, 1).expand(matrix.shape) : coefficient);
            }
        both.Fill(large);
        depth.Fill(added);
        using var after = Operator(added, shape);
        using (no_grad())
            foreach (var (name, matrix) in after.Coefficients) matrix.copy_(width.Coefficients[name]);
        after.Fill(other);
        Assert.All(Grown.Weights(large).Zip(Grown.Weights(other)), pair => Assert.All(pair.First.Value.Zip(pair.Second.Value), value => Assert.Equal(value.First, value.Second, 12)));
    }

    [Fact]
    public void It_begins_with_copies_and_a_little_of_the_other_layers_and_with_means_of_channels()
    {
        using var small = Grown.Model("encoder-decoder", Small, 1);
        var shape = new Shape(9, 14, 3, 3, 4, 2, 64);
        using var random = Operator(small, shape);
        using var selected = new LigoOperator(small, shape, new(new LigoGrowth { Width = LigoWidth.Selected, Depth = new Interpolation(), Noisy = false }, 1));
        foreach (var grown in (LigoOperator[])[random, selected])
        {
            var stream = grown.Coefficients["stream"];
            Assert.Equal(eye(6).data<float>().ToArray(), stream.narrow(0, 0, 6).clone().data<float>().ToArray());
            Assert.All(grown.Coefficients.Values, coefficient => Assert.All(coefficient.sum(-1).flatten().data<float>().ToArray(), sum => Assert.Equal(1, sum, 5)));
            Assert.Equal(grown == selected, stream.narrow(0, 6, 3).max().ToSingle() == 1);
        }
        Assert.Equal([1, 0, 1, 0, 0, 1, 0, 1], selected.Coefficients["encoder-1-input-weight"].flatten().data<float>().ToArray());
        var depth = random.Coefficients["encoder-1-input-weight"];
        Assert.All(Enumerable.Range(0, 4), layer => Assert.InRange(depth[layer, layer % 2].ToDouble(), 1 / 1.03, 0.99999));
        Assert.NotEqual(depth[0, 0].ToDouble(), depth[2, 0].ToDouble());
    }

    [Theory]
    [InlineData("encoder-decoder")]
    [InlineData("{ kind: decoder-only, positions: none, feed-forward: gated }")]
    public void Old_heads_begin_in_their_own_places_and_gates_beside_the_inputs_that_they_are_multiplied_with(string architecture)
    {
        using var small = Grown.Model(architecture, Small, 1);
        using var grown = Operator(small, new Shape(9, 14, 4, 3, 3, 4, 64));
        // 2 heads of 3 rows become 3 of 4: rows 0 to 2 stay, rows 3 to 5 are the second head's.
        Assert.All(grown.Coefficients.Where(one => one.Key.EndsWith("-value", StringComparison.Ordinal) || one.Key.EndsWith("-query", StringComparison.Ordinal)), one =>
            Assert.All(new[] { 0, 1, 2, 4, 5, 6 }.Index(), place => Assert.Equal(eye(6)[place.Index].data<float>().ToArray(), one.Value[1, place.Item].data<float>().ToArray())));
        foreach (var (name, gate) in grown.Coefficients.Where(one => one.Key.EndsWith("-gate", StringComparison.Ordinal)))
            Assert.Equal(grown.Coefficients[name.Replace("-gate", "-input", StringComparison.Ordinal)].flatten().data<float>().ToArray(), gate.flatten().data<float>().ToArray());
        Assert.Equal(architecture.Contains("gated", StringComparison.Ordinal), grown.Coefficients.Keys.Any(name => name.EndsWith("-gate", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_reads_a_modules_output_is_tied_to_its_expansion()
    {
        var shape = new Shape(9, 14, 3, 3, 2, 2, 64);
        using var small = Grown.Exact(Grown.Model("{ kind: encoder-decoder, feed-forward: gated, tied: false }", Small, 1));
        using var grown = Operator(small, shape);
        using var scope = NewDisposeScope();
        var (from, to, by) = (small.state_dict(), grown.Make(), grown.Coefficients);
        void Is(string name, Tensor expected) => Assert.InRange((to[name] - expected).abs().max().ToDouble(), 0, 1e-12);
        Tensor Old(string name) => from[name];
        var stream = by["stream"];
        const string Self = "decoder.layers.1.sublayers.0.mixer.", Cross = "decoder.layers.1.sublayers.1.mixer.", FeedForward = "decoder.layers.1.sublayers.2.mixer.";
        var heads = kron(by["decoder-heads"], eye(3, dtype: float64));
        Is("embedding.weight", Old("embedding.weight").mm(stream.t()));
        Is("head.weight", Old("head.weight").mm(stream.t()));
        Is("decoder.norm.weight", stream.mv(Old("decoder.norm.weight")) * Math.Sqrt(9 / 6.0)); // logits are divided by the root of the width
        Is("decoder.positions.weight", Old("decoder.positions.weight").mm(by["decoder-heads"].t()));
        Is($"{Self}query.weight", heads.mm(Old($"{Self}query.weight")).mm(stream.t()));
        Is($"{Self}key.weight", heads.mm(Old($"{Self}key.weight")).mm(stream.t()));
        Is($"{Self}value.weight", by["decoder-0-value"][1].mm(Old($"{Self}value.weight")).mm(stream.t()));
        Is($"{Self}output.weight", stream.mm(Old($"{Self}output.weight")).mm(by["decoder-0-value"][1].t()));
        Is($"{Cross}query.weight", by["decoder-1-query"][1].mm(Old($"{Cross}query.weight")).mm(stream.t()));
        Is($"{Cross}key.weight", by["decoder-1-key"][1].mm(Old($"{Cross}key.weight")).mm(stream.t()));
        Is($"{FeedForward}gate.weight", by["decoder-2-gate"][1].mm(Old($"{FeedForward}gate.weight")).mm(stream.t()));
        Is($"{FeedForward}output.weight", stream.mm(Old($"{FeedForward}output.weight")).mm(by["decoder-2-input"][1].t()));
        Is("decoder.layers.1.sublayers.2.norm.weight", stream.mv(Old("decoder.layers.1.sublayers.2.norm.weight")));
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Its_gradients_are_those_of_differences(string architecture)
    {
        var shape = new Shape(9, 14, 4, 3, 2, 3, 64);
        using var small = Grown.Exact(Grown.Model(architecture, Small with { EncoderLayers = 1 }, 1));
        using var large = Grown.Exact(Grown.Model(architecture, shape, 2));
        Grown.Stir(small);
        using var grown = Operator(small, shape);
        using var batch = Batch.Of([.. Texts.At(0).Take(2)]);
        large.eval();
        grown.Differentiate(large, () => Tiny.Loss(large, batch, new()).Sum.backward());
        Assert.All(large.parameters().Concat(small.parameters()), weight => Assert.Null(weight.grad));

        Assert.All(grown.Coefficients.Values, coefficient =>
        {
            using var still = no_grad();
            var (values, place) = (coefficient.view(-1), coefficient.numel() / 3);
            var before = values[place].ToDouble();
            double At(double step)
            {
                using var scope = NewDisposeScope();
                values[place] = tensor(before + step, float64);
                grown.Fill(large);
                return Tiny.Loss(large, batch, new()).Sum.ToDouble();
            }

            const double Step = 1e-5;
            var difference = ((8 * (At(Step) - At(-Step))) - (At(2 * Step) - At(-2 * Step))) / (12 * Step);
            values[place] = tensor(before, float64);
            var gradient = coefficient.grad!.view(-1)[place].ToDouble();
            Assert.InRange(Math.Abs(gradient - difference), 0, 1e-6 * Math.Max(1, Math.Abs(gradient)));
        });
    }

    [Theory]
    [InlineData("encoder-decoder")]
    [InlineData("{ kind: decoder-only, feed-forward: gated }")]
    public void Learning_it_lowers_the_loss_and_leaves_the_smaller_model_alone(string architecture)
    {
        using var small = Trained(architecture);
        var before = Grown.Weights(small);
        double After(long steps)
        {
            using var large = Grown.Model(architecture, Larger, 2);
            new LigoGrowth { Steps = steps, LearningRate = 0.01 }.Grow(new(small, large, new Counting(), Tiny.Loss, 1));
            return Validation(large);
        }

        var (begun, learnt, old) = (After(0), After(30), Validation(small));
        Assert.True(begun > old + 0.2, $"{begun} {old}");
        Assert.True(learnt < begun - 0.5 * (begun - old), $"{begun} {learnt} {old}");
        Assert.Equal(before, Grown.Weights(small));
    }

    [Fact]
    public void The_same_seed_makes_the_same_bits_and_another_one_others()
    {
        float[] After(long seed)
        {
            using var small = Grown.Model("encoder-decoder", Small, 1);
            using var large = Grown.Model("encoder-decoder", new Shape(9, 14, 4, 3, 3, 4, 64), 2);
            new LigoGrowth { Steps = 3 }.Grow(new(small, large, Texts, Tiny.Loss, seed));
            return Tiny.Values(large);
        }

        Assert.Equal(After(1), After(1));
        Assert.NotEqual(After(1), After(2));
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Products_that_make_the_weights_are_counted_as_they_are_executed(string architecture)
    {
        var shape = new Shape(9, 14, 4, 3, 3, 4, 64);
        using var small = Grown.Model(architecture, Small, 1);
        using var large = Grown.Model(architecture, shape, 2);
        using var grown = Operator(small, shape);
        using var record = Products.Record();
        grown.Fill(large);
        Assert.Equal(LigoModule.All(small.Architecture, Small, shape).Sum(module => module.MakeFlops), record.Flops);

        var step = small.Architecture.Count(shape, new Setting(4, 20, 8));
        Assert.Equal(10 * (step.TrainingFlops + (3 * record.Flops)) + record.Flops, new LigoGrowth { Steps = 10 }.Count(small.Architecture, Small, shape, step).Flops);
    }

    [Fact]
    public void A_size_that_does_not_grow_has_nothing_to_learn()
    {
        using var small = Grown.Model("encoder-decoder", Small, 1);
        using var deeper = Operator(small, Small with { EncoderLayers = 3 });
        using var wider = Operator(small, Small with { ModelWidth = 9 });
        Assert.All(deeper.Coefficients, one => Assert.Equal([3, 2], one.Value.shape));
        Assert.Equal("stream", Assert.Single(wider.Coefficients).Key);
    }

    private static readonly Shape Larger = new(24, 48, 4, 3, 3, 3, 64);

    private static readonly RandomExamples Texts = new(6);

    private static double Validation(LanguageModel model) => new Validation(new Counting(), 4, Tiny.Loss).Loss(model);

    private static LanguageModel Trained(string architecture)
    {
        var model = Grown.Model(architecture, new Shape(16, 32, 4, 2, 2, 2, 64), 1);
        using var trainer = new Trainer(model, Tiny.Loss, new Counting(), new TrainingOptions(new AdamW(WeightDecay: 0), 0.01, new Constant()), 80, 1);
        Assert.Equal(80, trainer.Rest().Count());
        return model;
    }

    private static LigoOperator Operator(LanguageModel small, Shape large) => new(small, large, new(new(), 1));

    /// <summary>Identities above zeros, and copies of layers.</summary>
    private static void Set(LigoOperator grown, DepthGrowth depth)
    {
        using var still = no_grad();
        foreach (var (name, coefficient) in grown.Coefficients)
        {
            coefficient.zero_();
            if (name.EndsWith("-weight", StringComparison.Ordinal) || name.EndsWith("-bias", StringComparison.Ordinal))
                foreach (var (layer, source) in depth.Layers((int)coefficient.size(1), (int)coefficient.size(0)).Index()) coefficient[layer, source] = tensor(1f);
            else coefficient.diagonal(0, -2, -1).fill_(1);
        }
    }

    private static void Close(LanguageModel expected, LanguageModel actual) =>
        Assert.All(Grown.Weights(expected).Zip(Grown.Weights(actual)), pair => Assert.All(pair.First.Value.Zip(pair.Second.Value), value => Assert.Equal(value.First, value.Second, 6)));

    /// <summary>Numbers, and the numbers after them: something that can be learnt.</summary>
    private sealed class Counting : BatchSource
    {
        public override IReadOnlyList<Example> At(long step) => [.. Enumerable.Range(0, 8).Select(i => RandomStream.For(5, "counting", (step * 8) + i).Below(50) + 3).Select(first => new Example([first, first + 1, first + 2, 1], [first + 3, first + 4, 1]))];
    }
}
