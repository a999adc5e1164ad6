using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Papers.Stir;

[Kind("bias"), Description("Words for one sex become those for the other, by a fixed table; with clean, also before punctuation, and without the space that the published code leaves at the end.")]
public sealed record Bias : Perturbation
{
    private static readonly char[] Punctuation = [.. ".,;:!?\"'()"];

    private static readonly (string One, string Other)[] BothWays =
    [
        ("batman", "batwoman"), ("boy", "girl"), ("boyfriend", "girlfriend"), ("father", "mother"), ("husband", "wife"), ("he", "she"), ("He", "She"), ("male", "female"), ("man", "woman"),
        ("sir", "madam"), ("son", "daughter"), ("uncle", "aunt"), ("brother", "sister"), ("king", "queen"), ("prince", "princess"), ("grandfather", "grandmother"), ("nephew", "niece"),
        ("father-in-law", "mother-in-law"), ("son-in-law", "daughter-in-law"), ("stepfather", "stepmother"), ("godfather", "godmother"), ("His", "Her"),
    ];

    private static readonly (string One, string Other)[] OneWay = [("his", "her"), ("him", "her"), ("her", "him"), ("Mr", "Ms")];

    private static readonly Dictionary<string, string> Table = BothWays.SelectMany(pair => new[] { pair, (pair.Other, pair.One) }).Concat(OneWay).ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal);

    public override string Apply(string text, RandomStream random) => Clean
        ? string.Join(' ', text.Split(' ').Select(Core))
        : string.Concat(text.Split(' ').Select(word => $"{Table.GetValueOrDefault(word, word)} "));

    /// <summary>A word without what is printed around it, looked up.</summary>
    private static string Core(string word)
    {
        var core = word.Trim(Punctuation);
        return core.Length > 0 && Table.TryGetValue(core, out var other) ? word.Replace(core, other, StringComparison.Ordinal) : word;
    }
}
