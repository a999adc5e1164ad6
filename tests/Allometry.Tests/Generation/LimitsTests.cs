using Allometry.Generation;
using Allometry.Models;
using CsCheck;

namespace Allometry.Tests.Generation;

/// <summary>Penalties and limits that hold whatever chooses among the rest.</summary>
public class LimitsTests
{
    private static readonly Decoding[] Kinds = [new GreedyDecoding(), new BeamDecoding(3), new SampleDecoding(Seed: 4)];

    // Positive scores are divided by 1.5: 2 -> 1.333, 1.5 -> 1. Once both are written, the higher one stays.
    [Fact]
    public void A_positive_score_of_a_repeated_token_is_divided() => Assert.Equal([2, 3, 2, 2], Greedy([-9, -9, 2, 1.5f], 1.5));

    // Negative ones are multiplied: -1 -> -1.5, -1.2 -> -1.8, -1.6 -> -2.4.
    [Fact]
    public void A_negative_score_of_a_repeated_token_is_multiplied() => Assert.Equal([2, 3, 2, 2], Greedy([-9, -9, -1, -1.2f, -1.6f], 1.5));

    // 0 is the start token, so it counts as written: 2 / 1.5 = 1.333 is less than 1.4.
    [Fact]
    public void The_start_token_counts_as_written() => Assert.Equal([2], Greedy([2, -9, 1.4f], 1.5, 1));

    // Beam search penalises log-probabilities: of four alike ln(1/4) = -1.386 each; the second writing of the same one has twice that.
    [Fact]
    public void Beam_search_penalises_log_probabilities()
    {
        using var table = new Table(1, _ => [-60, -60, 1, -60]); // always token 2, ln 1 = 0
        Assert.Equal(0, Assert.Single(new BeamDecoding(1, 0) { MaxNewTokens = 3, RepetitionPenalty = 2 }.Write(table)).Score!.Value, 1e-6);
        using var alike = new Table(1, _ => [-60, -60, 1, 1, 1, 1]);
        var written = Assert.Single(new BeamDecoding(1, 0) { MaxNewTokens = 5, RepetitionPenalty = 2 }.Write(alike));
        Assert.Equal([2, 3, 4, 5, 2], written.Tokens);
        Assert.Equal(6 * Math.Log(0.25), written.Score!.Value, 1e-5);
    }

    [Fact]
    public void No_run_of_tokens_is_written_twice() => Gen.Select(Gen.Long[0, 1 << 30], Gen.Int[1, 4], Gen.Int[0, Kinds.Length - 1]).Sample((seed, n, kind) =>
    {
        using var table = new Table(1, beginning => Table.Random(seed, 5)([.. beginning.TakeLast(1)])); // a chain: it repeats itself for ever
        var written = Assert.Single((Kinds[kind] with { NoRepeatNgram = n, MaxNewTokens = 30 }).Write(table)).Tokens;
        long[] all = [LanguageModel.Start, .. written];
        var runs = Enumerable.Range(0, Math.Max(0, all.Length - n + 1)).Select(i => string.Join(' ', all[i..(i + n)])).ToList();
        Assert.Equal(runs.Count, runs.Distinct().Count());
    }, iter: 90, threads: 1);

    // With n-grams of one, five tokens and the start token among them, four can be written; then nothing is left.
    [Fact]
    public void Where_nothing_may_be_written_any_more_an_answer_is_what_it_is()
    {
        foreach (var kind in Kinds)
        {
            using var table = new Table(2, _ => [1, -5, 3, 2, 0]);
            Assert.All((kind with { NoRepeatNgram = 1, MinNewTokens = 20, MaxNewTokens = 30 }).Write(table), written => Assert.Equal([2, 3, 4], written.Tokens.Order()));
        }
    }

    [Fact]
    public void An_answer_has_at_least_and_at_most_so_many_tokens() => Gen.Select(Gen.Long[0, 1 << 30], Gen.Int[0, 6], Gen.Int[1, 6], Gen.Int[0, Kinds.Length - 1]).Sample((seed, least, more, kind) =>
    {
        using var table = new Table(2, Table.Random(seed, 4));
        Assert.All((Kinds[kind] with { MinNewTokens = least, MaxNewTokens = least + more }).Write(table), written =>
        {
            Assert.InRange(written.Tokens.Count, least + 1, least + more);
            Assert.DoesNotContain(LanguageModel.End, written.Tokens.SkipLast(1));
            Assert.True(written.Ended || written.Tokens.Count == least + more);
        });
    }, iter: 90, threads: 1);

    private static IReadOnlyList<long> Greedy(float[] logits, double penalty, int longest = 4)
    {
        using var table = new Table(1, _ => logits);
        return Assert.Single(new GreedyDecoding { RepetitionPenalty = penalty, MaxNewTokens = longest }.Write(table)).Tokens;
    }
}
