using Allometry.Costs;
using Allometry.Generation;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.Primer;
using Allometry.Tests.Generation;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Primer;

public class PrimerTests
{
    private static readonly Shape Small = new(ModelWidth: 12, FeedForwardWidth: 20, HeadWidth: 5, Heads: 3, DecoderLayers: 3, Vocabulary: 40);

    private static readonly MultiDConvHeadAttention Convolved = new(), Shared = new() { SharedQueryKey = true };

    public static TheoryData<string> Presets => ["primer", "primer-ez"];

    [Fact]
    public void Squared_relu_squares_what_is_above_zero()
    {
        using var scope = NewDisposeScope();
        var x = tensor([-1f, 0, 0.5f, 3], requires_grad: true);
        var y = new SquaredRelu().Apply(x);
        y.sum().backward();
        Assert.Equal([0, 0, 0.25f, 9], y.data<float>().ToArray());
        Assert.Equal([0, 0, 1, 6], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Squared_relu_is_a_gate_whose_two_projections_are_one()
    {
        using var scope = NewDisposeScope();
        using var dense = new DecoderOnly { FeedForward = new DenseFeedForward { Activation = new SquaredRelu() } }.Build(Small);
        using var gated = new DecoderOnly { FeedForward = new GatedFeedForward { Activation = new Relu() } }.Build(Small);
        Copy(from: dense, to: gated, name => name.Replace(".gate.", ".input.", StringComparison.Ordinal));
        AssertClose(Logits(dense), Logits(gated), 1e-12);
    }

    [Fact]
    public void Primers_norm_is_layer_normalisation_up_to_rounding()
    {
        using var scope = NewDisposeScope();
        var place = new Place(new DecoderOnly(), new Shape(64, 1, 1, 1));
        using var primer = new PrimerNorm().Build(place);
        using var layer = new LayerNorm(1e-6).Build(place);
        using var still = no_grad();
        foreach (var (mine, theirs) in primer.parameters().Zip(layer.parameters())) mine.copy_(theirs.normal_());
        var x = (randn(5, 7, 64) * 3) + 2;
        AssertClose(layer.forward(x), primer.forward(x), 1e-5);
    }

    [Fact]
    public void With_taps_of_one_and_zeros_it_is_T5s_attention()
    {
        using var scope = NewDisposeScope();
        using var convolved = new DecoderOnly { Attention = Convolved }.Build(Small);
        using var plain = new DecoderOnly().Build(Small);
        Copy(from: plain, to: convolved);
        SetTaps(convolved, 1, 0, 0);
        AssertClose(Logits(plain), Logits(convolved), 1e-12);
        SetTaps(convolved, 1, 0.1, 0);
        Assert.True((Logits(plain) - Logits(convolved)).abs().max().item<double>() > 1e-3);
    }

    [Fact]
    public void Where_the_query_matrix_is_the_unit_one_queries_are_keys()
    {
        using var scope = NewDisposeScope();
        using var shared = new DecoderOnly { Attention = Shared }.Build(Small);
        using var apart = new DecoderOnly { Attention = Convolved }.Build(Small);
        Copy(from: shared, to: apart, name => name.Replace(".query.", ".key.", StringComparison.Ordinal).Replace(".queryconvolution.", ".keyconvolution.", StringComparison.Ordinal));
        using (no_grad())
            foreach (var (_, matrix) in shared.named_parameters().Where(pair => pair.name.Contains(".query.")))
                matrix.copy_(eye(15, dtype: float64));
        AssertClose(Logits(apart), Logits(shared), 1e-12);
    }

    [Fact] // d = 12, i = 15, 3 layers
    public void Parameters_are_the_baselines_and_those_of_the_convolutions()
    {
        var baseline = Parameters(new MultiHeadAttention());
        Assert.Equal(baseline + (3 * 9 * 15), Parameters(Convolved));
        Assert.Equal(baseline + (3 * ((15 * 15) - (12 * 15) + (6 * 15))), Parameters(Shared));
        Assert.Equal(baseline + (3 * 15 * 15), Parameters(new MultiDConvHeadAttention { Taps = 5 }));
    }

    [Fact]
    public void Weights_start_as_in_the_reference()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var shape = new Shape(128, 256, 32, 4, DecoderLayers: 1, Vocabulary: 10);
        using var apart = new DecoderOnly { Attention = Convolved }.Build(shape);
        using var shared = new DecoderOnly { Attention = Shared }.Build(shape);
        Assert.Equal(1 / Math.Sqrt(128.0 * 32), Deviation(apart, "query.weight"), 2e-4);
        Assert.Equal(1 / Math.Sqrt(128.0), Deviation(apart, "key.weight"), 1e-3);
        Assert.Equal(1 / Math.Sqrt(128.0 * 32), Deviation(shared, "key.weight"), 2e-4);
        Assert.Equal(1 / Math.Sqrt(128.0) * 0.8796, Deviation(shared, "query.weight"), 1e-3); // a normal distribution cut at two standard deviations
        Assert.All(Enumerable.Range(0, 3), tap => Assert.Equal(tap == 0 ? 0.5f : 1f / 6, Weight(apart, $"valueconvolution.taps.{tap}").min().item<float>()));
    }

    [Theory, MemberData(nameof(Presets))]
    public void Written_token_by_token_it_is_what_it_is_as_a_whole(string preset)
    {
        using var scope = NewDisposeScope();
        using var model = Randomised(Named(preset).Build(Small));
        var (inputs, targets) = (Ids(4, 6), Ids(4, 7));
        (inputs[1, 4..], inputs[2, 1..]) = (0, 0);
        var whole = model.Logits(inputs, null, targets);
        using var still = new Still(model);
        using var writing = model.Begin(inputs, null);
        var order = arange(4, int64);
        for (var i = 0; i < 7; i++)
        {
            AssertClose(whole[.., i].index_select(0, order), writing.Logits, 1e-12);
            var rows = tensor(new long[] { 3, 0, 1, 2 });
            order = order.index_select(0, rows);
            writing.Write(targets[.., i].index_select(0, order), rows);
        }
    }

    [Theory, MemberData(nameof(Presets))]
    public void Beams_with_a_cache_are_those_without_one(string preset)
    {
        using var scope = NewDisposeScope();
        using var model = Randomised(Named(preset).Build(Small));
        var inputs = Ids(3, 6);
        inputs[0, 2..] = 0;
        var search = new BeamDecoding(4) { MaxNewTokens = 6 };
        using var still = new Still(model);
        using var recomputed = new WholeModelContinuation(model, inputs, null);
        var expected = search.Write(recomputed).Select(written => string.Join(' ', written.Answer));
        Assert.Equal(expected, search.Write(model, inputs, null).Select(written => string.Join(' ', written.Answer)));
    }

    [Theory]
    [InlineData("{ kind: encoder-decoder, attention: multi-dconv-head }")]
    [InlineData("{ kind: encoder-only, attention: multi-dconv-head }")]
    [InlineData("{ kind: primer, prefix: true }")]
    [InlineData("{ kind: encoder-decoder, decoder: { pattern: [[self-attention, { kind: cross-attention, attention: multi-dconv-head }]] } }")]
    public void Where_later_positions_are_seen_it_is_refused(string yaml)
    {
        var architecture = Reader.Read<Architecture>(yaml, "test");
        foreach (var attempt in (Action[])[() => architecture.Count(Small with { EncoderLayers = 1 }, new Setting()), () => architecture.Build(Small with { EncoderLayers = 1 }, META)])
            Assert.Contains("multi-dconv-head", Assert.Throws<InputException>(attempt).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_the_decoder_of_an_encoder_decoder_it_is_at_home() =>
        Assert.Equal(3 * 9 * 15, InDecoder(Convolved) - InDecoder(new MultiHeadAttention()));

    [Fact]
    public void Full_primer_alternates_norms_before_and_behind()
    {
        var layer = Assert.Single(((DecoderOnly)Named("primer")).Decoder.Pattern);
        Assert.Equal([NormPlacement.Pre, NormPlacement.Output], layer.Select(sublayer => sublayer.Placement));
    }

    private static double InDecoder(Attention attention) => new EncoderDecoder { Decoder = Stack.Of(new SelfAttention(attention), new CrossAttention(), new FeedForwardSublayer()) }
        .Count(Small with { EncoderLayers = 1 }, new Setting()).Parameters;

    private static Architecture Named(string preset) => Reader.Read<Architecture>(preset, "test");

    private static double Parameters(Attention attention) => new DecoderOnly { Attention = attention }.Count(Small, new Setting()).Parameters;

    private static Tensor Weight(LanguageModel model, string end) => model.named_parameters().Single(pair => pair.name.EndsWith("mixer." + end, StringComparison.Ordinal)).parameter;

    private static double Deviation(LanguageModel model, string end) => Weight(model, end).std().item<float>();

    /// <summary>Gives a model the weights of another, in double precision; what that one has not stays as it is.</summary>
    private static void Copy(LanguageModel from, LanguageModel to, Func<string, string>? source = null)
    {
        from.to(float64);
        to.to(float64);
        using var still = no_grad();
        var weights = from.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        foreach (var (name, weight) in to.named_parameters())
            if (weights.TryGetValue(source is null ? name : source(name), out var given)) weight.copy_(given);
    }

    private static void SetTaps(LanguageModel model, params double[] values)
    {
        using var still = no_grad();
        foreach (var (name, tap) in model.named_parameters().Where(pair => pair.name.Contains(".taps."))) tap.fill_(values[int.Parse(name[^1..])]);
    }

    private static LanguageModel Randomised(LanguageModel model)
    {
        manual_seed(3);
        using var still = no_grad();
        foreach (var weight in model.parameters()) weight.copy_((randn_like(weight) * 0.5) + (weight.dim() == 1 ? 1 : 0));
        return model.to(float64);
    }

    private static Tensor Logits(LanguageModel model)
    {
        manual_seed(1);
        return model.Logits(Ids(2, 5), null, Ids(2, 6));
    }

    private static Tensor Ids(int batch, int length) => randint(2, Small.Vocabulary, [batch, length], int64);

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance) =>
        Assert.InRange((expected - actual).abs().max().to(float64).item<double>(), 0, tolerance * Math.Max(1, expected.abs().max().to(float64).item<double>()));
}
