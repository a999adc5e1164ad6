using Allometry.Text;

namespace Allometry.Papers.LongT5;

/// <summary>Where the sentences of a tokenised text lie.</summary>
internal static class Sentences
{
    private static readonly char[] Ends = ['.', '!', '?'];

    /// <summary>
    /// The sentences one after the other: each ends with a full stop, exclamation or question mark that white space follows. What lies behind the last end is left out,
    /// unless there is no end at all.
    /// </summary>
    public static IReadOnlyList<Range> Of(int[] tokens, Tokenizer tokenizer)
    {
        var (sentences, begin) = (new List<Range>(), 0);
        for (var i = 0; i + 1 < tokens.Length; i++)
        {
            if (!EndsAt(tokens, i, tokenizer)) continue;
            sentences.Add(begin..(i + 1));
            begin = i + 1;
        }
        return sentences.Count > 0 ? sentences : [Range.All];
    }

    // The white space is part of the next token, and visible only behind the one before it.
    private static bool EndsAt(int[] tokens, int i, Tokenizer tokenizer)
    {
        var text = tokenizer.Decode(tokens.AsSpan(i, 1));
        if (text.Length == 0 || !Ends.Contains(text[^1])) return false;
        var both = tokenizer.Decode(tokens.AsSpan(i, 2));
        return both.Length > text.Length && char.IsWhiteSpace(both[text.Length]);
    }
}
