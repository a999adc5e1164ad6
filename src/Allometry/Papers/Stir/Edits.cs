using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Papers.Stir;

[Kind("no-first"), Description("Drops everything up to the first space; a text without one stays.")]
public sealed record NoFirst : Perturbation
{
    public override string Apply(string text, RandomStream random)
    {
        if (Clean) text = text.Trim();
        return text[(text.IndexOf(' ') + 1)..];
    }
}

[Kind("no-last"), Description("Drops everything from the last space on and puts the text's last character there; with clean, the last word, closing . ? or ! kept.")]
public sealed record NoLast : Perturbation
{
    public override string Apply(string text, RandomStream random)
    {
        if (Clean) return Mended(text.Trim());
        if (text.Length == 0) return text; // the published code fails here
        var space = text.LastIndexOf(' ');
        return (space < 0 ? text : text[..space]) + text[^1];
    }

    private static string Mended(string text)
    {
        var closing = text.Length > 0 && text[^1] is '.' or '?' or '!' ? text[^1..] : "";
        var body = text[..^closing.Length].TrimEnd();
        var space = body.LastIndexOf(' ');
        return space < 0 ? text : body[..space].TrimEnd() + closing;
    }
}

[Kind("swap-text"), Description("Two words change places.")]
public sealed record SwapText : Perturbation
{
    public override bool Draws => true;

    public override string Apply(string text, RandomStream random)
    {
        var words = Words.Of(text);
        if (words.Count < 2) return text;
        var one = random.Below(words.Count);
        var other = random.Below(words.Count - 1);
        return Swapped(words, one, other < one ? other : other + 1);
    }

    internal static string Swapped(IReadOnlyList<string> words, int one, int other)
    {
        string[] swapped = [.. words];
        (swapped[one], swapped[other]) = (words[other], words[one]);
        return string.Join(' ', swapped);
    }
}

[Kind("add-text"), Description("For each ten words, a word of a fixed list is put before one of them.")]
public sealed record AddText : Perturbation
{
    public override bool Draws => true;

    public override string Apply(string text, RandomStream random)
    {
        List<string> words = [.. text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
        for (var left = words.Count / 10; left > 0; left--) words.Insert(random.Below(words.Count), CommonWords.All[random.Below(CommonWords.All.Count)]);
        return string.Join(' ', words);
    }
}

[Kind("change-char"), Description("Each character, spaces too, becomes with this probability one of the 52 ASCII letters.")]
public sealed record ChangeChar([property: Description("The probability.")] double Probability = 0.1) : Perturbation
{
    internal const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    public override bool Draws => true;

    public override string Apply(string text, RandomStream random) => string.Concat(text.Select(letter => random.Uniform() < Probability ? Letters[random.Below(Letters.Length)] : letter));
}
