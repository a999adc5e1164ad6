using System.Text.RegularExpressions;

namespace Allometry.Papers.Stir;

/// <summary>
/// Words as the Penn Treebank has them: punctuation stands alone, contractions are two (did n't), double quotes become `` and ''. A full stop is a word of its own where a sentence ends.
/// Equal to the paper's tokeniser on the examples in the tests; nothing more is claimed.
/// </summary>
internal static partial class Words
{
    private static readonly (Regex Pattern, string By)[] Rules =
    [
        (new("^\"|(?<=[ (\\[{<])\""), "`` "), (new("\""), " '' "),
        (new("\\.\\.\\."), " ... "), (new("--"), " -- "), (new("[;@#$%&?!\\]\\[(){}<>]"), " $& "),
        (new("([:,])(?=\\D|$)"), " $1 "), (new("(?<=[^.\\s])\\.(?=[\\s)\\]}>'\"]*$)"), " . "),
        (new("(?<=\\w)('ll|'re|'ve|n't|'s|'m|'d)(?=\\W|$)", RegexOptions.IgnoreCase), " $1"),
        (new("\\b(can)(not)\\b", RegexOptions.IgnoreCase), "$1 $2"), (new("(?<=[^'\\s])'(?=\\s|$)"), " ' "),
    ];

    public static IReadOnlyList<string> Of(string text) => [.. Sentences(text).SelectMany(Split)];

    /// <summary>A sentence ends behind . ? or ! where a capital follows, unless the stop is an abbreviation's or an initial's.</summary>
    private static IEnumerable<string> Sentences(string text)
    {
        var first = 0;
        foreach (Match end in End().Matches(text))
        {
            var next = end.Index + end.Length;
            if (Abbreviated().IsMatch(text[first..(end.Index + 1)])) continue;
            yield return text[first..next];
            first = next;
        }
        yield return text[first..];
    }

    private static string[] Split(string sentence) => Rules.Aggregate(sentence.Trim(), (line, rule) => rule.Pattern.Replace(line, rule.By)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex("[.?!][)\\]'\"]*\\s+(?=[\"'(\\[]?[A-Z0-9])")]
    private static partial Regex End();

    [GeneratedRegex("(^|[\\s(])(Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Inc|Co|Corp|Ltd|vs|No|U\\.S|[A-Z])\\.$")]
    private static partial Regex Abbreviated();
}
