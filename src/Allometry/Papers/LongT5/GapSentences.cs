using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Tasks.Metrics;
using Allometry.Text;

namespace Allometry.Papers.LongT5;

/// <summary>
/// PEGASUS's gap sentences as LongT5 was trained on them: the sentences that say most of the rest of the text (ROUGE-1 against it) are taken out of the inputs, each leaving a mask,
/// and are the targets, one after the other. No sentinel.
/// </summary>
[Kind("gap-sentences")]
public sealed partial record GapSentences(
    [property: Description("Largest share of the sentences that is hidden; of each text between a third of it and all of it."), Range(0.0, 1.0)] double Share = 0.2,
    [property: Description("Probability that a chosen sentence is hidden; else it stays in the inputs too."), Range(0.0, 1.0)] double Hidden = 0.9,
    [property: Description("How much chance there is in the choice: scores are multiplied by one plus a normal number whose deviation is this, squared."), Range(0.0, 1.0)] double Noise = 0.2) : Denoiser
{
    /// <summary>What a hidden sentence leaves: the id of unknown pieces, as in the reference.</summary>
    public const int Mask = Tokenizer.Unknown;

    private const double LeastShare = 0.33; // of the largest

    /// <summary>As much text as inputs hold; targets as long as those of T5's span corruption at this input length (910 at 4,096).</summary>
    public override ObjectiveLengths Lengths(int inputLength)
    {
        var targets = new SpanCorruption().Lengths(inputLength).Targets;
        return new(inputLength - 1, inputLength, targets, targets - 1, 1);
    }

    public override Example Make(ReadOnlySpan<int> tokens, Tokenizer tokenizer, RandomStream random)
    {
        var (text, longest) = (tokens.ToArray(), Lengths(tokens.Length + 1).Targets);
        var sentences = Sentences.Of(text, tokenizer);
        var principal = Principal([.. sentences.Select(sentence => Words(tokenizer.Decode(text.AsSpan(sentence))))], random);
        var (inputs, targets) = (new List<int>(), new List<int>());
        foreach (var (i, sentence) in sentences.Index())
        {
            if (principal.Contains(i)) targets.AddRange(text[sentence]);
            if (principal.Contains(i) && random.Uniform() < Hidden) inputs.Add(Mask);
            else inputs.AddRange(text[sentence]);
        }
        return new Example([.. inputs, Tokenizer.End], [.. targets.Append(Tokenizer.End).Take(longest)]);
    }

    /// <summary>The sentences, by number, that score highest.</summary>
    private HashSet<int> Principal(IReadOnlyList<string[]> sentences, RandomStream random)
    {
        var share = Share * (LeastShare + ((1 - LeastShare) * random.Uniform()));
        var count = Math.Min(sentences.Count, Math.Max(1, (int)(sentences.Count * share)));
        var whole = Bag.Of(sentences.SelectMany(words => words));
        // The reference scales its noise twice: a draw of deviation 0.2, times 0.2.
        return [.. sentences.Select((words, i) => (Score: Score(words, whole) * (1 + (Noise * Noise * random.Normal())), i)).OrderByDescending(one => one.Score).ThenBy(one => one.i).Take(count).Select(one => one.i)];
    }

    /// <summary>ROUGE-1's F-measure of a sentence against the words of the rest of its text.</summary>
    internal static double Score(string[] sentence, Dictionary<string, int> whole)
    {
        var hits = Bag.Of(sentence).Sum(word => Math.Min(word.Value, whole[word.Key] - word.Value));
        return hits == 0 ? 0 : 2.0 * hits / whole.Values.Sum(); // words said and words right add up to the whole text
    }

    private static string[] Words(string text) => [.. Word().Matches(text.ToLowerInvariant()).Select(match => match.Value)];

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex Word();
}
