using Allometry.Generation;
using Allometry.Models;
using CsCheck;

namespace Allometry.Tests.Generation;

/// <summary>Beside the golden cases (Golden/GenerationTests): brute force, and cases by hand.</summary>
public class BeamSearchTests
{
    private static readonly Gen<(long Seed, int Vocabulary, int Longest, double Penalty)> Languages = Gen.Select(Gen.Long[0, 1 << 30], Gen.Int[2, 4], Gen.Int[1, 4], Gen.Double[-1, 2]);

    [Fact]
    public void A_beam_as_wide_as_there_are_answers_finds_the_best_of_all() => Languages.Select(Gen.Bool).Sample((language, early) =>
    {
        var (seed, vocabulary, longest, penalty) = language;
        var logits = Table.Random(seed, vocabulary);
        var width = (int)Math.Pow(vocabulary, longest);
        var found = Write(new BeamDecoding(width, penalty, early) { MaxNewTokens = longest }, logits);
        var (_, score) = All(logits, longest, [], 0).Select(answer => (answer.Tokens, Score: answer.Sum / Math.Pow(answer.Tokens.Length, penalty))).MaxBy(answer => answer.Score);
        Assert.Equal(score, found.Score!.Value, 1e-5);
        Assert.Equal(score, Sum(logits, found.Tokens) / Math.Pow(found.Tokens.Count, penalty), 1e-5);
    }, iter: 60, threads: 1);

    [Fact]
    public void A_beam_of_one_is_greedy() => Languages.Sample(language =>
    {
        var logits = Table.Random(language.Seed, language.Vocabulary + 3);
        Assert.Equal(Write(new GreedyDecoding { MaxNewTokens = 8 }, logits).Tokens, Write(new BeamDecoding(1, language.Penalty) { MaxNewTokens = 8 }, logits).Tokens);
    }, iter: 30, threads: 1);

    [Fact]
    public void A_score_is_never_better_than_the_best_of_all_and_is_that_of_its_tokens() => Languages.Select(Gen.Int[1, 3]).Sample((language, width) =>
    {
        var logits = Table.Random(language.Seed, language.Vocabulary);
        var found = Write(new BeamDecoding(width, language.Penalty) { MaxNewTokens = language.Longest }, logits);
        Assert.True(found.Ended || found.Tokens.Count == language.Longest);
        Assert.Equal(Sum(logits, found.Tokens) / Math.Pow(found.Tokens.Count, language.Penalty), found.Score!.Value, 1e-5);
        Assert.True(found.Score <= All(logits, language.Longest, [], 0).Max(answer => answer.Sum / Math.Pow(answer.Tokens.Length, language.Penalty)) + 1e-5);
    }, iter: 60, threads: 1);

    // After nothing: end 0.4, two 0.6. After two: end 0.7, two 0.3; then the same again. Ends: ln 0.4 = -0.916 alone, ln 0.42 = -0.868 in two tokens.
    [Theory]
    [InlineData(0.0, "2 1", -0.86750)]
    [InlineData(1.0, "2 1", -0.43375)]
    [InlineData(-1.0, "1", -0.91629)]
    public void The_power_of_the_length_decides_between_short_and_long(double penalty, string tokens, double score)
    {
        var found = Write(new BeamDecoding(2, penalty) { MaxNewTokens = 3 }, beginning => Logs(beginning.Count == 0 ? [0, 0.4, 0.6] : [0, 0.7, 0.3]));
        Assert.Equal(tokens, string.Join(' ', found.Tokens));
        Assert.Equal(score, found.Score!.Value, 1e-5);
    }

    // One answer wide: the first that ends stops an early search (score ln 0.5); without, the other beginning goes on as long as its own score, ln 0.45, is better, and ends with ln(0.45) / 2.
    [Fact]
    public void An_early_search_ends_with_enough_answers_and_another_when_none_can_be_better()
    {
        float[] Logits(IReadOnlyList<long> beginning) => Logs(beginning.Count == 0 ? [0.05, 0.5, 0.45] : [0, 1, 0]);
        Assert.Equal([1], Write(new BeamDecoding(1) { MaxNewTokens = 5 }, Logits).Tokens);
        var patient = Write(new BeamDecoding(1, EarlyStopping: false) { MaxNewTokens = 5 }, Logits);
        Assert.Equal([1], patient.Tokens); // ln 0.45 is not better than ln 0.5
        var rewarded = Write(new BeamDecoding(1, 2, EarlyStopping: false) { MaxNewTokens = 5 }, beginning => Logs(beginning.Count == 0 ? [0, 0.4, 0.6] : beginning.Count == 1 ? [0, 0.8, 0.2] : [0, 1, 0]));
        Assert.Equal([2, 1], rewarded.Tokens);
    }

    [Fact]
    public void Prompts_that_are_done_leave_the_others_alone()
    {
        var logits = Table.Random(7, 12);
        using var together = new Table(3, logits);
        var written = new BeamDecoding(3) { MaxNewTokens = 6 }.Write(together);
        Assert.All(written, answer => Assert.Equal(written[0].Tokens, answer.Tokens));
        Assert.Equal(Write(new BeamDecoding(3) { MaxNewTokens = 6 }, logits).Tokens, written[2].Tokens);
    }

    private static Written Write(Decoding decoding, Func<IReadOnlyList<long>, float[]> logits)
    {
        using var table = new Table(1, logits);
        return Assert.Single(decoding.Write(table));
    }

    private static float[] Logs(double[] probabilities) => [.. probabilities.Select(p => p == 0 ? -60 : (float)Math.Log(p))];

    private static double Sum(Func<IReadOnlyList<long>, float[]> logits, IReadOnlyList<long> tokens) =>
        tokens.Index().Sum(token => Table.LogProbabilities(logits([.. tokens.Take(token.Index)]))[token.Item]);

    /// <summary>Every answer there is: those that end, and those of full length.</summary>
    private static IEnumerable<(long[] Tokens, double Sum)> All(Func<IReadOnlyList<long>, float[]> logits, int longest, long[] beginning, double sum)
    {
        foreach (var (token, log) in Table.LogProbabilities(logits(beginning)).Index())
        {
            long[] next = [.. beginning, token];
            var whole = token == LanguageModel.End || next.Length == longest;
            foreach (var answer in whole ? [(next, sum + log)] : All(logits, longest, next, sum + log)) yield return answer;
        }
    }
}
