using System.ComponentModel;
using System.Text.RegularExpressions;
using Allometry.Kinds;

namespace Allometry.Tasks.Metrics;

/// <summary>
/// ROUGE F-measure (Lin 2004) with the tokens of Google's rouge_score: runs of a-z and 0-9 of the lower-cased text.
/// The mean over examples, with the best reference of each.
/// </summary>
public abstract partial record Rouge(bool Stem) : Metric
{
    internal const string StemMeaning = "Reduce words of more than three letters to their Porter stem first.";

    public override double Score(Answers answers) => answers.MeanOfBest((prediction, reference) => OfPair(prediction, reference));

    /// <summary>The F-measure of one prediction against one reference.</summary>
    protected abstract double OfPair(string prediction, string reference);

    protected string[] Words(string text) =>
        [.. Word().Matches(text.ToLowerInvariant()).Select(m => Stem && m.Length > 3 ? PorterStemmer.Stem(m.Value) : m.Value)];

    /// <summary>The harmonic mean of hits / predicted and hits / actual.</summary>
    protected static double FMeasure(int hits, int predicted, int actual) => hits == 0 ? 0 : 2.0 * hits / (predicted + actual);

    [GeneratedRegex("[a-z0-9]+")]
    private static partial Regex Word();
}

/// <summary>ROUGE of shared runs of a fixed number of words.</summary>
public abstract record RougeN(int Length, bool Stem) : Rouge(Stem)
{
    protected override double OfPair(string prediction, string reference)
    {
        List<string> said = [.. Grams(Words(prediction))], right = [.. Grams(Words(reference))];
        return FMeasure(Bag.Shared(said, right), said.Count, right.Count);
    }

    private IEnumerable<string> Grams(string[] words) =>
        Enumerable.Range(0, Math.Max(0, words.Length - Length + 1)).Select(i => string.Join(' ', words, i, Length));
}

/// <summary>ROUGE-1: shared words.</summary>
[Kind("rouge-1")]
public sealed record Rouge1([Description(Rouge.StemMeaning)] bool Stem = false) : RougeN(1, Stem);

/// <summary>ROUGE-2: shared pairs of neighbouring words.</summary>
[Kind("rouge-2")]
public sealed record Rouge2([Description(Rouge.StemMeaning)] bool Stem = false) : RougeN(2, Stem);

/// <summary>ROUGE-L: the longest common subsequence of words, line breaks being mere spaces.</summary>
[Kind("rouge-l")]
public sealed record RougeL([Description(Rouge.StemMeaning)] bool Stem = false) : Rouge(Stem)
{
    protected override double OfPair(string prediction, string reference)
    {
        string[] said = Words(prediction), right = Words(reference);
        return FMeasure(new CommonSubsequence(right, said).Length, said.Length, right.Length);
    }
}

/// <summary>ROUGE-Lsum: for every line of the reference the union of its longest common subsequences with the prediction's lines; a line is a sentence.</summary>
[Kind("rouge-lsum")]
public sealed record RougeLsum(
    [Description(Rouge.StemMeaning)] bool Stem = false,
    [Description("A line also ends behind ' . ', as T5 scores CNN/Daily Mail.")] bool Stops = false) : Rouge(Stem)
{
    protected override double OfPair(string prediction, string reference)
    {
        string[][] said = Lines(prediction), right = Lines(reference);
        Dictionary<string, int> saidLeft = Bag.Of(said.SelectMany(w => w)), rightLeft = Bag.Of(right.SelectMany(w => w));
        var hits = right.SelectMany(line => Union(line, said)).Count(word => Take(word, saidLeft, rightLeft));
        return FMeasure(hits, said.Sum(w => w.Length), right.Sum(w => w.Length));
    }

    private string[][] Lines(string text) => [.. (Stops ? text.Replace(" . ", " .\n", StringComparison.Ordinal) : text).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Words)];

    private static IEnumerable<string> Union(string[] line, string[][] said) =>
        said.SelectMany(other => new CommonSubsequence(line, other).Positions()).Distinct().Order().Select(i => line[i]);

    // A word counts at most as often as both texts have it.
    private static bool Take(string word, Dictionary<string, int> said, Dictionary<string, int> right)
    {
        if (said.GetValueOrDefault(word) == 0 || right.GetValueOrDefault(word) == 0)
        {
            return false;
        }

        said[word]--;
        right[word]--;
        return true;
    }
}
