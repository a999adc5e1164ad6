using Allometry.Kernels;
using Allometry.Models;
using CsCheck;
using static TorchSharp.torch;

namespace Allometry.Tests.Models;

public sealed class RankingTests
{
    private const int Vocabulary = 40;

    private static readonly Shape Shape = new(16, 32, 8, 2, 2, 2, Vocabulary);

    private static readonly Architecture[] Architectures =
    [
        new EncoderDecoder(), new EncoderDecoder { Tied = false, Decoder = Stack.Of(new SelfAttention(), new CrossAttention { Placement = NormPlacement.Post }, new FeedForwardSublayer()) },
        new DecoderOnly(), new DecoderOnly { Prefix = true },
    ];

    public static TheoryData<int, bool> Cases => [.. from architecture in Enumerable.Range(0, Architectures.Length) from plain in new[] { false, true } select (architecture, plain)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_candidate_is_as_likely_among_others_as_by_itself(int architecture, bool plain)
    {
        using var model = Model(architecture, plain);
        using var still = new Still(model);
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 7], Gen.Int[1, 5], Gen.Int[1, 4], Gen.Int[1, 1000]).Sample(c =>
        {
            using var scope = NewDisposeScope();
            var (rows, length, count, target, seed) = c;
            var (inputs, candidates) = (Ids(rows, length, seed), Ids(count, target, seed + 1));
            using var together = model.Rank(inputs, null, candidates);
            Assert.Equal([rows, count], together.shape);
            for (var row = 0; row < rows; row++)
                for (var candidate = 0; candidate < count; candidate++)
                {
                    var alone = model.Score(inputs.narrow(0, row, 1), null, candidates.narrow(0, candidate, 1)).item<float>();
                    Assert.Equal(alone, together[row, candidate].item<float>(), 1e-4f);
                }
        }, iter: 15, threads: 1);
    }

    [Fact]
    public void The_score_of_a_text_is_the_sum_of_its_tokens_log_probabilities()
    {
        using var scope = NewDisposeScope();
        using var model = Model(0, plain: true);
        using var still = new Still(model);
        var (inputs, targets) = (Ids(3, 5, 1), Ids(3, 4, 2));
        var logs = model.Logits(inputs, null, targets).log_softmax(-1);
        for (var row = 0; row < 3; row++)
        {
            var expected = Enumerable.Range(0, 4).Where(i => targets[row, i].item<long>() > 0).Sum(i => logs[row, i, targets[row, i].item<long>()].item<float>());
            Assert.Equal(expected, model.Score(inputs, null, targets)[row].item<float>(), 1e-4f);
        }
    }

    [Fact]
    public void The_encoder_runs_once_however_many_candidates_there_are()
    {
        using var scope = NewDisposeScope();
        using var model = Model(0, plain: false);
        using var still = new Still(model);
        var inputs = Ids(2, 30, 1);
        double Flops(int candidates)
        {
            using var record = Products.Record();
            model.Rank(inputs, null, full([candidates, 2], 5, int64)).Dispose();
            return record.Flops;
        }
        var (one, two, eleven) = (Flops(1), Flops(2), Flops(11));
        Assert.Equal(one + (10 * (two - one)), eleven, one * 1e-6);
        Assert.True(two - one < one / 4, $"{two - one} FLOPs for a second candidate, {one} for the first");
    }

    private static LanguageModel Model(int architecture, bool plain)
    {
        manual_seed(3);
        var model = Architectures[architecture].Build(Shape);
        model.Plain = plain;
        return model;
    }

    /// <summary>Rows of uneven length, filled with padding behind.</summary>
    private static Tensor Ids(int rows, int length, int seed)
    {
        var random = new Random(seed);
        var cells = new long[rows * length];
        for (var row = 0; row < rows; row++)
            for (var i = random.Next(length); i >= 0; i--)
                cells[(row * length) + i] = random.Next(1, Vocabulary);
        return tensor(cells, [rows, length]);
    }
}
