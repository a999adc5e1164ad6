using Allometry.Papers.MetroT0;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.MetroT0;

/// <summary>The worked example (metro-t0.md section 4): V = 10, pad 1, mask 9; in double precision to 1e-9, in single to 1e-5.</summary>
public sealed class MetroLossesTests
{
    private static readonly long[,] Text = { { 0, 4, 5, 6, 2 }, { 0, 7, 2, 1, 1 } };

    public static TheoryData<ScalarType, double> Precisions => new() { { ScalarType.Float64, 1e-9 }, { ScalarType.Float32, 1e-5 } };

    [Theory, MemberData(nameof(Precisions))]
    public void The_generator_loss_and_its_draw(ScalarType type, double precision)
    {
        using var scope = NewDisposeScope();
        var (logits, tokens) = (Generator(type), tensor(new long[] { 4, 6, 7 }));
        var logs = MetroLosses.NegativeLogs(logits, tokens);
        AssertNear([0.896317, 1.721294, 2.335433], logs, 1e-6);
        Assert.Equal(1.651014618868, logs.mean().ToDouble(), precision);
        Assert.Equal([4, 8, 5], MetroLosses.Draw(logits, tensor(new[] { 0.5, 0.8, 0.6 })).data<long>().ToArray());
    }

    [Theory, MemberData(nameof(Precisions))]
    public void The_detection_loss_over_valid_places_over_all_and_over_the_masked(ScalarType type, double precision)
    {
        using var scope = NewDisposeScope();
        var (text, valid, marked) = (tensor(Text), tensor(Text).ne(1), Marked());
        var corrupted = tensor(new long[,] { { 0, 4, 5, 8, 2 }, { 0, 5, 2, 1, 1 } });
        var replaced = MetroLosses.Replaced(corrupted, text, valid);
        Assert.Equal((2, 3, 8), (replaced.sum().item<long>(), marked.sum().item<long>(), valid.sum().item<long>()));
        AssertNear([0.126928, 0.313262, 0.048587, 0.474077, 0.018150, 0.126928, 0.201413, 0.313262], MetroLosses.Entropies(Detection(type), replaced).masked_select(valid), 1e-6);
        Assert.Equal(0.202825867347, MetroLosses.Detection(Detection(type), replaced, valid).ToDouble(), precision);
        Assert.Equal(1.962285374316, MetroLosses.Detection(Detection(type), replaced, ones_like(valid)).ToDouble(), precision * 2); // what padding that leaks in would make
        Assert.Equal(0.329583983227, MetroLosses.Detection(Detection(type), replaced, marked).ToDouble(), precision);
    }

    [Theory, MemberData(nameof(Precisions))]
    public void The_corrective_loss_and_its_weights(ScalarType type, double precision)
    {
        using var scope = NewDisposeScope();
        var (logits, text) = (Decoder(type), tensor(Text));
        var (masked, all) = (Marked().reshape(-1).nonzero().view(-1), text.ne(1).reshape(-1).nonzero().view(-1));
        Tensor Logs(Tensor rows) => MetroLosses.NegativeLogs(logits.reshape(-1, 10).index_select(0, rows), text.reshape(-1).index_select(0, rows));
        AssertNear([1.461150, 1.896317, 1.461150], Logs(masked), 1e-6);
        var detection = Detection(type).reshape(-1).index_select(0, masked);
        Assert.Equal(1.606205869979, MetroLosses.Corrective(Logs(masked), detection, TokenWeights.None).ToDouble(), precision);
        Assert.Equal(0.833727849900, MetroLosses.Corrective(Logs(all), detection, TokenWeights.None).ToDouble(), precision);
        AssertNear([0.268941, 0.622459, 0.817574], detection.sigmoid(), 1e-6);
        Assert.Equal(0.922647755917, MetroLosses.Corrective(Logs(masked), detection, TokenWeights.Replaced).ToDouble(), precision);
        Assert.Equal(1.619650900235, MetroLosses.Corrective(Logs(masked), detection, TokenWeights.Normalized).ToDouble(), precision);
    }

    [Theory, MemberData(nameof(Precisions))]
    public void Together_they_weigh_1_1_and_50(ScalarType type, double precision)
    {
        using var scope = NewDisposeScope();
        var (text, weights) = (tensor(Text), new Metro());
        var replaced = MetroLosses.Replaced(tensor(new long[,] { { 0, 4, 5, 8, 2 }, { 0, 5, 2, 1, 1 } }), text, text.ne(1));
        double Total(Tensor counted)
        {
            var rows = counted.reshape(-1).nonzero().view(-1);
            var logs = MetroLosses.NegativeLogs(Decoder(type).reshape(-1, 10).index_select(0, rows), text.reshape(-1).index_select(0, rows));
            return MetroLosses.Together(weights, MetroLosses.NegativeLogs(Generator(type), tensor(new long[] { 4, 6, 7 })).mean(), MetroLosses.Corrective(logs, logs, weights.TokenWeights), MetroLosses.Detection(Detection(type), replaced, text.ne(1))).ToDouble();
        }

        Assert.Equal(13.398513856202, Total(Marked()), precision);
        Assert.Equal(12.626035836013, Total(text.ne(1)), precision);
    }

    [Fact]
    public void What_is_forbidden_is_never_drawn_and_the_others_keep_their_proportions()
    {
        using var scope = NewDisposeScope();
        const int draws = 40_000;
        var logits = tensor(new float[] { 3, 1, 0, 2, 5 }).expand(draws, 5).contiguous();
        var forbidden = tensor(new[] { true, false, false, false, true });
        manual_seed(1);
        var counts = MetroLosses.Draw(logits, rand([draws], float64), forbidden).bincount(null, 5).data<long>().ToArray();
        var total = Math.E + 1 + Math.Exp(2);
        double[] expected = [0, Math.E / total, 1 / total, Math.Exp(2) / total, 0];
        Assert.All(expected.Zip(counts), pair => Assert.InRange(pair.Second / (double)draws, pair.First - 0.01, pair.First + 0.01));
        Assert.Equal([1, 3], MetroLosses.Draw(logits[..2], tensor(new[] { 0.0, 0.9999999999 }), forbidden).data<long>().ToArray());
    }

    [Fact]
    public void The_order_of_detection_counts_pairs()
    {
        using var scope = NewDisposeScope();
        var (scores, replaced) = (tensor(new float[] { 1, 3, 2, 2 }), tensor(new[] { true, true, false, false }));
        Assert.Equal((2.0, 4.0), MetroLosses.Ordered(scores, replaced, ones([4], @bool)));
        Assert.Equal((1.0, 1.0), MetroLosses.Ordered(scores, replaced, tensor(new[] { false, true, true, false })));
    }

    [Fact]
    public void The_order_of_many_places_is_that_of_all_their_pairs()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var (scores, replaced, counted) = (randint(0, 9, [60]).to(float32), rand([60]).gt(0.6), rand([60]).gt(0.2)); // many ties
        var (high, low) = (scores.masked_select(replaced.logical_and(counted)).data<float>().ToArray(), scores.masked_select(replaced.logical_not().logical_and(counted)).data<float>().ToArray());
        Assert.Equal((high.Sum(one => low.Sum(other => one > other ? 1 : one == other ? 0.5 : 0)), (double)high.Length * low.Length), MetroLosses.Ordered(scores, replaced, counted));
    }

    private static Tensor Marked() => tensor(new[,] { { false, true, false, true, false }, { false, true, false, false, false } });

    private static Tensor Generator(ScalarType type) => Filled(zeros([3, 10], type), (0, 4, 2), (0, 5, 1), (1, 6, 1), (1, 8, 1.5), (2, 7, 0.5), (2, 5, 2));

    private static Tensor Detection(ScalarType type) => tensor(new[,] { { -2, -1, -3, 0.5, -4 }, { -2, 1.5, -1, 9, 9 } }).to(type);

    /// <summary>3 on the text at places that are not masked, 1 at those that are, and 2 on token 8 at (0, 3).</summary>
    private static Tensor Decoder(ScalarType type)
    {
        var logits = zeros([2, 5, 10], type);
        for (var row = 0; row < 2; row++)
            for (var place = 0; place < 5; place++)
                if (Text[row, place] != 1) logits[row, place, Text[row, place]] = (row, place) is (0, 1) or (0, 3) or (1, 1) ? 1 : 3;
        logits[0, 3, 8] = 2;
        return logits;
    }

    private static Tensor Filled(Tensor logits, params (int Row, int Token, double Value)[] values)
    {
        foreach (var (row, token, value) in values) logits[row, token] = value;
        return logits;
    }

    private static void AssertNear(double[] expected, Tensor actual, double precision) =>
        Assert.All(expected.Zip(actual.to(float64).data<double>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, precision));
}
