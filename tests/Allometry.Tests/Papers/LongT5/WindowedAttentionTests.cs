using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.LongT5;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.LongT5;

/// <summary>Attention by blocks beside the same with a full square of scores, masked, and globals made one by one; forward and backward, in double precision.</summary>
public class WindowedAttentionTests
{
    private const int Width = 12, Heads = 3, HeadWidth = 5;

    private static readonly Shape Shape = new(Width, 20, HeadWidth, Heads, EncoderLayers: 2, DecoderLayers: 1, Vocabulary: 40);

    public static TheoryData<WindowedAttention> Kinds => [new LocalAttention { Radius = 3 }, new TransientGlobalAttention { Radius = 3, BlockSize = 4 }];

    [Theory] // the reference's cases (longt5.md section 4), and each edge: no global, one block, lengths that no block divides
    [InlineData(10, 3, 4, "10 6 3")]
    [InlineData(37, 5, 4, "37 30 9")]
    [InlineData(64, 7, 16, "64 63 17")]
    [InlineData(33, 127, 16, "33 20 15")]
    [InlineData(3, 5, 16, "3 2 1")]
    [InlineData(8, 7, 3, "8 7 1")]
    [InlineData(9, 7, 9, "9 8 1")]
    [InlineData(20, 1, 1, "20 1 19")]
    [InlineData(1, 1, 1, "1")]
    public void It_is_masked_attention_with_globals(int length, int radius, int block, string lengths)
    {
        using var scope = NewDisposeScope();
        var real = arange(length).unsqueeze(0).lt(tensor(lengths.Split(' ').Select(int.Parse).ToArray()).unsqueeze(1));
        foreach (var attention in (WindowedAttention[])[new LocalAttention { Radius = radius }, new TransientGlobalAttention { Radius = radius, BlockSize = block }])
        {
            using var stack = Randomised(attention, layers: 1);
            var weights = stack.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
            var x = randn(real.size(0), length, Width, dtype: float64).requires_grad_();
            var cotangent = randn_like(x) * real.unsqueeze(2); // padding is never compared
            Tensor[] Gradients(Tensor y)
            {
                foreach (var parameter in weights.Values) parameter.grad = null;
                x.grad = null;
                (y * cotangent).sum().backward();
                return [x.grad!.clone(), .. weights.Values.Select(parameter => parameter.grad?.clone() ?? zeros_like(parameter))];
            }
            Tensor ours = Run(stack, x, real), dense = Dense(weights, x, real, radius, attention is TransientGlobalAttention ? block : null);
            AssertClose(dense * real.unsqueeze(2), ours * real.unsqueeze(2));
            foreach (var (expected, actual) in Gradients(dense).Zip(Gradients(ours))) AssertClose(expected, actual);
        }
    }

    [Fact]
    public void With_a_radius_that_covers_the_text_it_is_T5()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var t5 = new EncoderDecoder();
        var local = t5 with { Encoder = Stack.Of(new SelfAttention(new LocalAttention { Radius = 8 }), new FeedForwardSublayer()) };
        using LanguageModel one = t5.Build(Shape), other = local.Build(Shape);
        other.load_state_dict(one.state_dict());
        one.to(float64);
        other.to(float64);
        var inputs = randint(2, 40, [2, 9], int64);
        inputs[1, 5..] = 0;
        AssertClose(one.Logits(inputs, null, inputs), other.Logits(inputs, null, inputs));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Padding_on_the_right_changes_nothing(WindowedAttention attention)
    {
        using var scope = NewDisposeScope();
        using var stack = Randomised(attention, layers: 2);
        foreach (var length in (int[])[1, 3, 4, 9, 23])
        {
            var x = randn(1, length, Width, dtype: float64);
            var alone = Run(stack, x, null);
            foreach (var more in (int[])[1, 4, 30])
            {
                var padded = cat([x, randn(1, more, Width, dtype: float64) * 9], 1);
                AssertClose(alone, Run(stack, padded, arange(length + more).unsqueeze(0).lt(length)).narrow(1, 0, length));
            }
        }
    }

    [Fact]
    public void Local_attention_carries_nothing_beyond_layers_times_radius_and_globals_do()
    {
        using var scope = NewDisposeScope();
        const int Length = 64, Changed = 20, Radius = 5, Layers = 3;
        foreach (var (attention, all) in new (WindowedAttention, bool)[] { (new LocalAttention { Radius = Radius }, false), (new TransientGlobalAttention { Radius = Radius, BlockSize = 8 }, true) })
        {
            using var stack = Randomised(attention, Layers);
            var x = randn(1, Length, Width, dtype: float64);
            var before = Run(stack, x, null);
            x[0, Changed] += 1;
            var moved = (Run(stack, x, null) - before).abs().amax([0, 2]).data<double>().ToArray();
            for (var i = 0; i < Length; i++) Assert.Equal(all || Math.Abs(i - Changed) <= Layers * Radius, moved[i] > 0);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Products_grow_with_the_length_and_none_is_of_length_times_length(WindowedAttention attention)
    {
        const int Batch = 2;
        var sizes = ((int[])[32, 64, 128]).Select(length =>
        {
            using var scope = NewDisposeScope();
            using var stack = Randomised(attention, layers: 1);
            using var record = Products.Record();
            Run(stack, randn(Batch, length, Width, dtype: float64), null, plain: true);
            return record.Products.Where(product => product.Count > 1).Max(product => (double)product.Count * product.Rows * product.Columns);
        }).ToList();
        var keys = attention is TransientGlobalAttention ? 128 / 4 : 3 * 4; // of the largest product: all globals, or a window
        Assert.Equal(Batch * Heads * 128.0 * keys, sizes[^1]);
        if (attention is LocalAttention) Assert.Equal([sizes[2] / 4, sizes[2] / 2], sizes[..2]);
    }

    [Theory] // keys of a query: 3 (r + 1), and for transient-global length / block more (longt5.md section 1.2)
    [InlineData(4096, 384, 640)]
    [InlineData(16384, 384, 1408)]
    public void Scores_are_counted_by_the_keys_of_a_query(int length, int local, int global)
    {
        var setting = new Setting(1, length);
        var place = new Place(new EncoderDecoder(), Shape);
        var (one, other) = (new LocalAttention().Count(place, setting), new TransientGlobalAttention().Count(place, setting));
        double tokens = length, inner = Heads * HeadWidth;
        Assert.Equal((8 * tokens * Width * inner) + (4 * tokens * local * inner), one.ForwardFlops);
        Assert.Equal((8 * tokens * Width * inner) + (4 * (tokens / 16) * Width * inner) + (4 * tokens * global * inner), other.ForwardFlops);
    }

    [Fact]
    public void New_weights_are_a_table_for_the_stack_and_a_scale_for_each_layer()
    {
        var t5 = new EncoderDecoder();
        long Parameters(Attention attention) => (t5 with { Encoder = Stack.Of(new SelfAttention(attention), new FeedForwardSublayer()) }).Count(Shape, new Setting()).Parameters;
        Assert.Equal(Parameters(new MultiHeadAttention()), Parameters(new LocalAttention()));
        Assert.Equal(Parameters(new MultiHeadAttention()) + (32 * Heads) + (2 * Width), Parameters(new TransientGlobalAttention()));
    }

    [Fact]
    public void A_pattern_may_mix_them_and_layers_that_ask_for_the_same_table_share_it()
    {
        using var scope = NewDisposeScope();
        var coarse = new TransientGlobalAttention { Radius = 2, BlockSize = 8, Buckets = 8, Distance = 20 };
        var fine = new TransientGlobalAttention { Radius = 4, BlockSize = 4 };
        var encoder = new Stack([.. ((Attention[])[fine, new LocalAttention(), coarse, new MultiHeadAttention(), fine with { Radius = 1 }]).Select(attention => (IReadOnlyList<Sublayer>)[new SelfAttention(attention)])]);
        var architecture = new EncoderDecoder { Encoder = encoder };
        using var model = architecture.Build(Shape with { EncoderLayers = 5 });
        Assert.Equal(["encoder.tables.0.weight", "encoder.tables.1.weight"], model.named_parameters().Select(pair => pair.name).Where(name => name.Contains("tables")));
        Assert.True(model.Logits(randint(2, 40, [2, 33], int64), null, ones([2, 3], int64)).isfinite().all().item<bool>());
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_stack_that_must_not_look_ahead_is_refused(WindowedAttention attention)
    {
        var everywhere = new EncoderDecoder { Attention = attention };
        Assert.Contains("encoder", Assert.Throws<InputException>(() => everywhere.Count(Shape, new Setting())).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => everywhere.Build(Shape));
        Assert.Throws<InputException>(() => new EncoderDecoder { Decoder = Stack.Of(new SelfAttention(), new CrossAttention(attention)) }.Count(Shape, new Setting()));
    }

    [Fact]
    public void Padding_before_a_token_is_refused_where_blocks_are_counted_and_changes_nothing_where_they_are_not()
    {
        using var scope = NewDisposeScope();
        using LanguageModel local = Encoder(new LocalAttention { Radius = 3 }), blocks = Encoder(new TransientGlobalAttention { Radius = 3, BlockSize = 4 });
        var (ids, none) = (randint(2, 40, [1, 9], int64), zeros([1, 5], int64));
        AssertClose(local.Logits(ids, null, ids), local.Logits(cat([none, ids], 1), null, cat([none, ids], 1)).narrow(1, 5, 9));
        foreach (var padded in (Tensor[])[cat([none, ids], 1), cat([ids, none, ids], 1)])
            Assert.Contains("padding stands before a token", Assert.Throws<InputException>(() => blocks.Logits(padded, null, padded)).Message, StringComparison.Ordinal);
        Assert.True(blocks.Logits(cat([ids, none], 1), null, cat([ids, none], 1)).isfinite().all().item<bool>());
    }

    [Theory]
    [InlineData("{ kind: local, radius: 0 }", "a radius of 0")]
    [InlineData("{ kind: transient-global, radius: -1, block-size: 0 }", "a block of 0")]
    [InlineData("{ kind: transient-global, buckets: 2 }", "'buckets' is 2")]
    [InlineData("{ kind: transient-global, buckets: 32, distance: 16 }", "'distance' is 16")]
    public void What_cannot_be_is_refused_by_its_name(string yaml, string named) =>
        Assert.Contains(named, Assert.Throws<InputException>(() => Reader.Read<Attention>(yaml, "test")).Message, StringComparison.Ordinal);

    private static LanguageModel Encoder(Attention attention)
    {
        var model = new EncoderOnly { Attention = attention }.Build(Shape);
        model.eval();
        return model.to(float64);
    }

    /// <summary>One stack of attention sublayers with large weights, in double precision.</summary>
    private static StackModule Randomised(Attention attention, int layers)
    {
        manual_seed(1);
        var stack = Stack.Of(new SelfAttention(attention)).Build("encoder", layers, new Place(new EncoderDecoder(), Shape));
        stack.to(float64);
        using var still = no_grad();
        foreach (var (_, weight) in stack.named_parameters()) weight.copy_((randn_like(weight) * 0.5) + (weight.dim() == 1 ? 1 : 0));
        return stack;
    }

    private static Tensor Run(StackModule stack, Tensor x, Tensor? real, bool plain = false)
    {
        using var pass = new Pass { Plain = plain };
        using var context = new Context(pass) { KeyMask = real };
        return stack.forward(x, context);
    }

    /// <summary>The same from its definition: a square of scores with everything beyond the radius hidden, globals made by a loop, all in one softmax.</summary>
    private static Tensor Dense(Dictionary<string, TorchSharp.Modules.Parameter> weights, Tensor x, Tensor real, int radius, int? block)
    {
        Tensor Weight(string name) => weights[$"layers.0.sublayers.0.{name}.weight"];
        Tensor Normed(Tensor states, Tensor scale) => states * rsqrt(states.square().mean([-1], keepdim: true) + 1e-6) * scale;
        Tensor Heads3(Tensor states, string name) => nn.functional.linear(states, Weight($"mixer.{name}")).view(states.size(0), Heads, HeadWidth).transpose(0, 1); // [head, position, head width]
        var rows = new List<Tensor>();
        for (var row = 0; row < x.size(0); row++)
        {
            var (n, length, normed) = ((int)real[row].sum().item<long>(), (int)x.size(1), Normed(x[row], Weight("norm")));
            var whole = block is { } size ? n / size : 0;
            int Block(int t) => Math.Min(t / block!.Value, whole - 1);
            var sources = Enumerable.Range(0, whole).Select(m => Enumerable.Range(0, n).Where(t => Block(t) == m).Select(t => normed[t]).Aggregate((a, b) => a + b)).ToList();
            var all = sources.Count == 0 ? normed : cat([normed, Normed(stack(sources), Weight("mixer.norm"))], 0);
            var scores = matmul(Heads3(normed, "query"), Heads3(all, "key").transpose(1, 2)); // [head, length, length + global]
            var (near, far) = (Buckets(weights["positions.weight"], length, length, (t, j) => j - t), whole == 0 ? null : Buckets(weights["tables.0.weight"], length, whole, (t, m) => m - Block(Math.Min(t, n - 1))));
            var hidden = tensor(Enumerable.Range(0, length * length).Select(i => Math.Abs((i % length) - (i / length)) > radius || i % length >= n).ToArray()).view(length, length);
            near = near.masked_fill(hidden, -1e9);
            var shares = (scores + (far is null ? near : cat([near, far], 2))).softmax(-1);
            var mixed = matmul(shares, Heads3(all, "value")).transpose(0, 1).reshape(length, -1);
            rows.Add(Normed(x[row] + nn.functional.linear(mixed, Weight("mixer.output")), weights["norm.weight"]));
        }
        return stack(rows);
    }

    private static Tensor Buckets(Tensor table, int queries, int keys, Func<int, int, int> distance) =>
        table.index_select(0, tensor(RelativeBuckets.Of(Enumerable.Range(0, queries * keys).Select(i => (long)distance(i / keys, i % keys)), 32, 128, bidirectional: true))).view(queries, keys, Heads).permute(2, 0, 1);

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.InRange((expected - actual).abs().max().item<double>(), 0, 1e-11 * Math.Max(1, expected.abs().max().item<double>()));
}
