using System.Collections.Frozen;

namespace Allometry.Tasks.Metrics;

/// <summary>
/// Porter's suffix stripping (1980) with NLTK's extensions (short -ies and -ied, y after a consonant, -alli before -bli, -fulli,
/// -logi, a few irregular words): the stemmer that ROUGE scores with. Words are lower case.
/// </summary>
public static class PorterStemmer
{
    private sealed record Rule(string Suffix, string Replacement, Func<string, bool>? When = null);

    private static readonly FrozenDictionary<string, string> Irregular = new Dictionary<string, string>
    {
        ["sky"] = "sky",
        ["skies"] = "sky",
        ["dying"] = "die",
        ["lying"] = "lie",
        ["tying"] = "tie",
        ["news"] = "news",
        ["inning"] = "inning",
        ["innings"] = "inning",
        ["outing"] = "outing",
        ["outings"] = "outing",
        ["canning"] = "canning",
        ["cannings"] = "canning",
        ["howe"] = "howe",
        ["proceed"] = "proceed",
        ["exceed"] = "exceed",
        ["succeed"] = "succeed",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly Rule[] Plurals = [new("sses", "ss"), new("ies", "i"), new("ss", "ss"), new("s", "")];

    private static readonly Rule[] Derivations = Rules(stem => Measure(stem) > 0,
        "ational ate", "tional tion", "enci ence", "anci ance", "izer ize", "bli ble", "alli al", "entli ent", "eli e", "ousli ous",
        "ization ize", "ation ate", "ator ate", "alism al", "iveness ive", "fulness ful", "ousness ous", "aliti al", "iviti ive",
        "biliti ble", "fulli ful");

    private static readonly Rule[] Adjectives = Rules(stem => Measure(stem) > 0,
        "icate ic", "ative ", "alize al", "iciti ic", "ical ic", "ful ", "ness ");

    private static readonly Rule[] Endings =
    [
        .. Rules(stem => Measure(stem) > 1, "al ", "ance ", "ence ", "er ", "ic ", "able ", "ible ", "ant ", "ement ", "ment ", "ent "),
        new("ion", "", stem => Measure(stem) > 1 && stem[^1] is 's' or 't'),
        .. Rules(stem => Measure(stem) > 1, "ou ", "ism ", "ate ", "iti ", "ous ", "ive ", "ize "),
    ];

    public static string Stem(string word) =>
        Irregular.TryGetValue(word, out var stem) ? stem
        : word.Length <= 2 ? word
        : DoubleL(FinalE(Apply(Apply(Derive(FinalY(PastOrGerund(Plural(word)))), Adjectives), Endings)));

    private static string Plural(string word) =>
        word.Length == 4 && Ends(word, "ies") ? word[..^1] : Apply(word, Plurals);

    private static string PastOrGerund(string word)
    {
        if (Ends(word, "ied"))
        {
            return word.Length == 4 ? word[..^1] : word[..^2];
        }

        if (Ends(word, "eed"))
        {
            return Measure(word[..^3]) > 0 ? word[..^1] : word;
        }

        var stem = Ends(word, "ed") && HasVowel(word[..^2]) ? word[..^2] : Ends(word, "ing") && HasVowel(word[..^3]) ? word[..^3] : null;
        return stem is null ? word : Mend(stem);
    }

    // hoping -> hop -> hope, hopping -> hopp -> hop
    private static string Mend(string stem) =>
        Ends(stem, "at") || Ends(stem, "bl") || Ends(stem, "iz") ? stem + "e"
        : EndsDouble(stem) ? (stem[^1] is 'l' or 's' or 'z' ? stem : stem[..^1])
        : Measure(stem) == 1 && EndsShort(stem) ? stem + "e" : stem;

    private static string FinalY(string word) =>
        word.Length > 2 && word[^1] == 'y' && IsConsonant(word, word.Length - 2) ? word[..^1] + "i" : word;

    private static string Derive(string word) =>
        Ends(word, "alli") && Measure(word[..^4]) > 0 ? Derive(word[..^2])
        : Ends(word, "logi") ? (Measure(word[..^3]) > 0 ? word[..^1] : word)
        : Apply(word, Derivations);

    private static string FinalE(string word)
    {
        if (!Ends(word, "e"))
        {
            return word;
        }

        var measure = Measure(word[..^1]);
        return measure > 1 || (measure == 1 && !EndsShort(word[..^1])) ? word[..^1] : word;
    }

    private static string DoubleL(string word) => Ends(word, "ll") && Measure(word[..^1]) > 1 ? word[..^1] : word;

    // The first rule whose suffix fits decides, whether or not its condition holds.
    private static string Apply(string word, Rule[] rules)
    {
        if (Array.Find(rules, rule => Ends(word, rule.Suffix)) is not { } rule)
        {
            return word;
        }

        var stem = word[..^rule.Suffix.Length];
        return rule.When is null || rule.When(stem) ? stem + rule.Replacement : word;
    }

    private static Rule[] Rules(Func<string, bool> when, params string[] rules) =>
        [.. rules.Select(rule => rule.Split(' ')).Select(parts => new Rule(parts[0], parts[1], when))];

    private static bool Ends(string word, string suffix) => word.EndsWith(suffix, StringComparison.Ordinal);

    private static bool IsConsonant(string word, int i) => word[i] switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => i == 0 || !IsConsonant(word, i - 1),
        _ => true,
    };

    private static bool HasVowel(string stem) => Enumerable.Range(0, stem.Length).Any(i => !IsConsonant(stem, i));

    // Porter's m: how often a vowel is followed by a consonant.
    private static int Measure(string stem) =>
        Enumerable.Range(1, Math.Max(0, stem.Length - 1)).Count(i => IsConsonant(stem, i) && !IsConsonant(stem, i - 1));

    private static bool EndsDouble(string word) => word.Length >= 2 && word[^1] == word[^2] && IsConsonant(word, word.Length - 1);

    // Porter's *o: consonant, vowel, consonant that is not w, x or y; NLTK also takes a vowel and a consonant alone.
    private static bool EndsShort(string word) =>
        word.Length == 2 ? !IsConsonant(word, 0) && IsConsonant(word, 1)
        : word.Length > 2 && IsConsonant(word, word.Length - 3) && !IsConsonant(word, word.Length - 2)
            && IsConsonant(word, word.Length - 1) && word[^1] is not ('w' or 'x' or 'y');
}
