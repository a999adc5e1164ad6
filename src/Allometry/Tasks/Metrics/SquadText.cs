using System.Text.RegularExpressions;

namespace Allometry.Tasks.Metrics;

/// <summary>SQuAD's normalisation of an answer (Rajpurkar et al. 2016): lower case, no ASCII punctuation, no articles, words apart by one space.</summary>
internal static partial class SquadText
{
    public static string[] Words(string answer)
    {
        var kept = string.Concat(answer.ToLowerInvariant().Where(c => !(char.IsAscii(c) && (char.IsPunctuation(c) || char.IsSymbol(c)))));
        return Article().Replace(kept, " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(@"\b(a|an|the)\b")]
    private static partial Regex Article();
}
