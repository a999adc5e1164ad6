using Allometry.Generation;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Generation;

/// <summary>What holds for every decoding, with every architecture that writes.</summary>
public class DecodingTests
{
    private static readonly Shape Small = new(ModelWidth: 12, FeedForwardWidth: 20, HeadWidth: 5, Heads: 3, EncoderLayers: 2, DecoderLayers: 2, Vocabulary: 24);

    private static readonly Dictionary<string, Decoding> Decodings = new()
    {
        ["greedy"] = new GreedyDecoding(),
        ["beam"] = new BeamDecoding(3, 0.6),
        ["patient beam"] = new BeamDecoding(4, 1.5, EarlyStopping: false),
        ["sample"] = new SampleDecoding(0.9, 12, 0.95, 8),
        ["limited beam"] = new BeamDecoding(3) { RepetitionPenalty = 1.3, NoRepeatNgram = 2, MinNewTokens = 3 },
        ["limited sample"] = new SampleDecoding(Seed: 2) { RepetitionPenalty = 1.3, NoRepeatNgram = 2, MinNewTokens = 3 },
    };

    public static TheoryData<string, string> Everything => new(from name in Decodings.Keys from tree in (string[])["encoder-decoder", "decoder-only", "prefix"] select (name, tree));

    [Theory, MemberData(nameof(Everything))]
    public void With_a_cache_the_same_is_written_as_without(string name, string tree)
    {
        using var scope = NewDisposeScope();
        using var model = Random(tree);
        var inputs = Padded(6, 9);
        using var whole = new WholeModelContinuation(model, inputs, null);
        using var still = new Still(model);
        using var recomputed = new RecomputedContinuation((CachedContinuation)model.Begin(inputs, null));
        var cached = Named(name).Write(model, inputs, null);
        AssertEqual(Named(name).Write(whole), cached);
        AssertEqual(Named(name).Write(recomputed), cached);
    }

    [Theory, MemberData(nameof(Everything))]
    public void Neither_the_other_rows_nor_padding_change_an_answer(string name, string tree)
    {
        using var scope = NewDisposeScope();
        using var model = Random(tree);
        var inputs = Padded(6, 9);
        var together = Named(name).Write(model, inputs, null);
        for (var row = 0; row < 6; row++)
        {
            var real = inputs[row].ne(0).sum().item<long>();
            var alone = inputs[row..(row + 1), ..(int)real];
            AssertEqual([together[row]], Named(name).Write(model, alone, null, [row]));
            var wide = cat([alone, zeros([1, 7], int64)], 1);
            AssertEqual([together[row]], Named(name).Write(model, wide, null, [row]));
        }
        var order = tensor(new long[] { 4, 0, 5, 2 });
        AssertEqual([together[4], together[0], together[5], together[2]], Named(name).Write(model, inputs.index_select(0, order), null, [4, 0, 5, 2]));
    }

    [Theory, MemberData(nameof(Everything))]
    public void Whoever_watches_is_told_of_every_answer_once(string name, string tree)
    {
        using var scope = NewDisposeScope();
        using var model = Random(tree);
        var told = new Dictionary<int, Written>();
        var certain = new Dictionary<int, Written>();
        var written = Named(name).Write(model, Padded(6, 9), null, watch: (row, soFar, done) =>
        {
            Assert.False(told.ContainsKey(row));
            if (certain.TryGetValue(row, out var before)) Assert.Equal(before.Tokens, soFar.Tokens.Take(before.Tokens.Count));
            certain[row] = soFar;
            if (done) told[row] = soFar;
        });
        AssertEqual(written, [.. told.OrderBy(answer => answer.Key).Select(answer => answer.Value)]);
    }

    [Fact]
    public void Every_decoding_is_read_from_YAML()
    {
        Assert.Equal(new BeamDecoding(4, 0.6), Reader.Read<Decoding>("{ kind: beam, width: 4, length-penalty: 0.6 }", "x"));
        Assert.Equal(new GreedyDecoding { NoRepeatNgram = 3 }, Reader.Read<Decoding>("{ kind: greedy, no-repeat-ngram: 3 }", "x"));
        Assert.Equal(new SampleDecoding(0.7, 40, 0.9, 1), Reader.Read<Decoding>("{ kind: sample, temperature: 0.7, top-k: 40, top-p: 0.9, seed: 1 }", "x"));
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var problems = Assert.Throws<InputException>(() => Reader.Read<Decoding>("{ kind: sample, temperature: 0, top-p: 0, top-k: -1, repetition-penalty: 0, no-repeat-ngram: -1, widths: 4 }", "x")).Problems;
        Assert.Equal(6, problems.Count);
        var length = Assert.Single(Assert.Throws<InputException>(() => Reader.Read<Decoding>("{ kind: greedy, min-new-tokens: 9, max-new-tokens: 9 }", "x")).Problems);
        Assert.Contains("raise max-new-tokens", length.Mend, StringComparison.Ordinal);
    }

    private static Decoding Named(string name) => Decodings[name] with { MaxNewTokens = 20 };

    /// <summary>In double precision, so that rounding decides nothing; with scores that differ enough for answers to end at different lengths.</summary>
    private static LanguageModel Random(string tree)
    {
        manual_seed(3);
        var model = Trees.Named(tree).Build(Small);
        using var still = no_grad();
        foreach (var (_, weight) in model.named_parameters())
            weight.copy_(randn_like(weight) * 0.4 + (weight.dim() == 1 ? 1 : 0));
        model.to(float64);
        model.eval();
        return model;
    }

    private static Tensor Padded(int rows, int length)
    {
        var inputs = randint(2, Small.Vocabulary, [rows, length], int64);
        for (var row = 0; row < rows; row++) inputs[row, (length - row)..] = 0;
        return inputs;
    }

    private static void AssertEqual(IReadOnlyList<Written> expected, IReadOnlyList<Written> actual)
    {
        Assert.Equal(expected.Select(answer => string.Join(' ', answer.Tokens)), actual.Select(answer => string.Join(' ', answer.Tokens)));
        foreach (var (one, other) in expected.Zip(actual)) Assert.Equal(one.Score ?? 0, other.Score ?? 0, 1e-5);
    }
}
