using Allometry.Generation;
using MathNet.Numerics.Distributions;

namespace Allometry.Tests.Generation;

/// <summary>What is drawn follows the probabilities that temperature, top-k and top-p leave.</summary>
public class SampleDecodingTests
{
    private const int Draws = 20000;

    // Ten tokens; 3 and 4 are equally likely.
    private static readonly float[] Logits = [0.3f, -1.2f, 2.1f, 1.4f, 1.4f, -0.5f, 0.9f, -2.5f, 1.9f, 0.1f];

    [Theory]
    [InlineData(1.0, 0, 1.0, 10)]
    [InlineData(0.6, 0, 1.0, 10)]
    [InlineData(2.5, 0, 1.0, 10)]
    [InlineData(1.0, 2, 1.0, 2)]
    [InlineData(1.0, 3, 1.0, 4)] // the third and the fourth are equal, so both stay
    [InlineData(1.0, 0, 0.5, 2)]
    [InlineData(1.0, 0, 0.9, 6)]
    [InlineData(0.7, 5, 0.8, 4)]
    public void Draws_follow_the_probabilities_that_are_left(double temperature, int topK, double topP, int left)
    {
        using var table = new Table(Draws, _ => Logits);
        var drawn = new SampleDecoding(temperature, topK, topP, Seed: 5) { MaxNewTokens = 1 }.Write(table).GroupBy(written => (int)written.Tokens[0]).ToDictionary(group => group.Key, group => group.Count());
        var expected = Expected(temperature, topK, topP);
        Assert.Equal(left, expected.Count(p => p > 0));
        Assert.All(drawn.Keys, token => Assert.True(expected[token] > 0));
        var distance = expected.Index().Where(p => p.Item > 0).Sum(p => Math.Pow(drawn.GetValueOrDefault(p.Index) - Draws * p.Item, 2) / (Draws * p.Item));
        Assert.InRange(distance, 0, ChiSquared.InvCDF(left - 1, 0.9999));
    }

    [Fact]
    public void Only_the_likeliest_is_left_with_a_top_k_of_one_or_a_small_top_p()
    {
        foreach (var decoding in new[] { new SampleDecoding(TopK: 1), new SampleDecoding(TopP: 0.01), new SampleDecoding(Temperature: 0.001) })
        {
            using var table = new Table(50, _ => Logits);
            Assert.All((decoding with { MaxNewTokens = 1 }).Write(table), written => Assert.Equal([2], written.Tokens));
        }
    }

    [Fact]
    public void A_draw_depends_on_seed_and_key_alone()
    {
        string[] Drawn(long seed, params long[] keys)
        {
            using var table = new Table(keys.Length, Table.Random(3, 30));
            return [.. new SampleDecoding(Seed: seed) { MaxNewTokens = 9 }.Write(table, keys).Select(written => string.Join(' ', written.Tokens))];
        }
        var all = Drawn(1, 0, 1, 2, 3, 4, 5);
        Assert.Equal([all[4], all[1], all[1]], Drawn(1, 4, 1, 1));
        Assert.Equal(6, all.Distinct().Count());
        Assert.Empty(all.Intersect(Drawn(2, 0, 1, 2, 3, 4, 5)));
    }

    // Written out from the definition, by sorting.
    private static double[] Expected(double temperature, int topK, double topP)
    {
        var weights = Logits.Select(logit => Math.Exp(logit / temperature)).ToArray();
        if (topK > 0)
        {
            var last = weights.OrderDescending().ElementAt(topK - 1);
            weights = [.. weights.Select(weight => weight >= last ? weight : 0)];
        }
        var whole = weights.Sum();
        var before = 0.0;
        var kept = new double[weights.Length];
        foreach (var (token, weight) in weights.Index().OrderByDescending(pair => pair.Item).ThenBy(pair => pair.Index))
        {
            if (before < topP) kept[token] = weight;
            before += weight / whole;
        }
        return [.. kept.Select(weight => weight / kept.Sum())];
    }
}
