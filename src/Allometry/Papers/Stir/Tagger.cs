using System.Collections.Concurrent;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Papers.Stir;

/// <summary>
/// Part-of-speech tags by an averaged perceptron (Collins 2002), left to right: each tag is chosen by the word, its neighbours and the two tags before it. Words that nearly always have one tag have it.
/// </summary>
internal sealed class Tagger
{
    /// <summary>English Web Treebank, Penn tags.</summary>
    public const string Usual = $"${DataFolder.Variable}/pos-ewt/train.tsv";

    private const int Often = 20, Epochs = 5;
    private const double NearlyAlways = 0.97;

    private static readonly ConcurrentDictionary<string, Lazy<Tagger>> Known = [];

    private readonly string[] tags;
    private readonly Dictionary<string, int> certain = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double[]> weights;

    private Tagger(IReadOnlyList<TaggedWord[]> sentences, int epochs)
    {
        tags = [.. sentences.SelectMany(sentence => sentence).Select(word => word.Tag).Distinct().Order(StringComparer.Ordinal)];
        foreach (var word in sentences.SelectMany(sentence => sentence).GroupBy(word => word.Text, StringComparer.Ordinal).Select(word => (word.Key, Count: word.Count(), Tag: word.CountBy(one => one.Tag).MaxBy(tag => tag.Value))))
            if (word.Count >= Often && word.Tag.Value >= NearlyAlways * word.Count) certain[word.Key] = Array.IndexOf(tags, word.Tag.Key);
        weights = new Perceptron(tags.Length).Learn(this, sentences, epochs);
    }

    /// <summary>The tagger that a file teaches, once a process.</summary>
    public static Tagger Learnt(string path) => Known.GetOrAdd(DataFolder.Resolve(path, "."), found => new(() => Learn(Read(found)))).Value;

    public static Tagger Learn(IReadOnlyList<TaggedWord[]> sentences, int epochs = Epochs) => new(sentences, epochs);

    /// <summary>Sentences of a file: a word and its tag a line, blank lines between sentences.</summary>
    public static IReadOnlyList<TaggedWord[]> Read(string path)
    {
        if (!File.Exists(path)) throw new InputException(path, "there is no such file for the part-of-speech tagger to learn from", $"set {DataFolder.Variable} to the folder that holds pos-ewt, or name another file");
        List<TaggedWord[]> sentences = [];
        List<TaggedWord> words = [];
        foreach (var (number, line) in File.ReadLines(path).Append("").Index())
        {
            if (line.Length == 0)
            {
                if (words.Count > 0) sentences.Add([.. words]);
                words.Clear();
            }
            else words.Add(line.Split('\t') is [var word, var tag] ? new(word, tag) : throw new InputException($"{path}:{number + 1}", "is no word and its tag", "write both with a tab between them"));
        }
        return sentences.Count > 0 ? sentences : throw new InputException(path, "holds no sentences", "give a file with tagged words");
    }

    public IReadOnlyList<(string Word, string Tag)> Tag(IReadOnlyList<string> words)
    {
        var chosen = new int[words.Count];
        Walk(words, chosen, (i, features) => Best(features));
        return [.. words.Select((word, i) => (word, tags[chosen[i]]))];
    }

    /// <summary>Goes through a sentence from left to right; <paramref name="choose"/> gives the tag of a word whose tag is not certain.</summary>
    internal void Walk(IReadOnlyList<string> words, int[] chosen, Func<int, string[], int> choose)
    {
        string[] around = ["-START2-", "-START-", .. words.Select(Normalised), "-END-", "-END2-"];
        for (var i = 0; i < words.Count; i++)
        {
            var (before, twoBefore) = (i > 0 ? tags[chosen[i - 1]] : "-START-", i > 1 ? tags[chosen[i - 2]] : "-START2-");
            chosen[i] = certain.TryGetValue(words[i], out var tag) ? tag : choose(i, Features(words[i], around, i + 2, before, twoBefore));
        }
    }

    internal int Number(string tag) => Array.IndexOf(tags, tag);

    private int Best(string[] features)
    {
        var scores = new double[tags.Length];
        foreach (var feature in features)
            if (weights.TryGetValue(feature, out var row))
                for (var tag = 0; tag < scores.Length; tag++) scores[tag] += row[tag];
        return Array.IndexOf(scores, scores.Max());
    }

    private static string[] Features(string word, string[] around, int i, string before, string twoBefore) =>
    [
        "bias", $"suffix {Suffix(word)}", $"first {word[..1]}", $"tag-1 {before}", $"tag-2 {twoBefore}", $"tags {before} {twoBefore}", $"word {around[i]}", $"tag-1 word {before} {around[i]}",
        $"word-1 {around[i - 1]}", $"suffix-1 {Suffix(around[i - 1])}", $"word-2 {around[i - 2]}", $"word+1 {around[i + 1]}", $"suffix+1 {Suffix(around[i + 1])}", $"word+2 {around[i + 2]}",
    ];

    private static string Suffix(string word) => word.Length > 3 ? word[^3..] : word;

    private static string Normalised(string word) =>
        word.Contains('-', StringComparison.Ordinal) && word[0] != '-' ? "!HYPHEN"
        : word.Length == 4 && word.All(char.IsAsciiDigit) ? "!YEAR"
        : char.IsAsciiDigit(word[0]) ? "!DIGITS"
        : word.ToLowerInvariant();
}

/// <summary>A word of a sentence and its tag.</summary>
internal sealed record TaggedWord(string Text, string Tag);
