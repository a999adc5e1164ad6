using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Tasks.Metrics;

/// <summary>
/// Accuracy of WSC in T5's form: a model writes what a pronoun means, the target is a noun phrase, and the label says whether the pronoun means it.
/// Right is: the two name the same where the label is true, and differ where it is false (postprocessors.py, wsc_simple).
/// </summary>
[Kind("referent")]
public sealed record Referent([Description("The column that holds true where the target is what the pronoun means, else false.")] string Label) : Metric
{
    private static readonly string[] Determiners =
    [
        "a", "an", "few", "her", "his", "each", "every", "many", "much", "my", "our", "some", "that", "the", "their", "these", "this", "those", "which", "whose", "your",
    ];

    public override IEnumerable<string> Columns => [Label];

    public override double Score(Answers answers) => answers.Column(Label)
        .Zip(answers.Predictions, answers.Targets)
        .Select(row => Same(row.Second, row.Third) is { } same && same == (row.First == "true") ? 1.0 : 0.0)
        .DefaultIfEmpty(0).Average();

    /// <summary>Whether a prediction names the referent: the words of one among those of the other; null for a prediction without words, which is wrong either way.</summary>
    public static bool? Same(string prediction, string referent)
    {
        string[] said = Words(prediction), meant = Words(referent);
        if (said is [""] or []) return null;
        if (Possessive(said) != Possessive(meant)) return false;
        var (one, other) = (said.ToHashSet(StringComparer.Ordinal), meant.ToHashSet(StringComparer.Ordinal));
        return one.IsSubsetOf(other) || other.IsSubsetOf(one);
    }

    private static bool Possessive(string[] words) => words.Any(word => word.Contains('\'', StringComparison.Ordinal));

    // Rejoined and split again in the reference: no words at all are one empty word.
    private static string[] Words(string text) =>
        string.Join(' ', text.Trim().ToLowerInvariant().Split(' ').Where(word => !Determiners.Contains(word))).Split(' ');
}
