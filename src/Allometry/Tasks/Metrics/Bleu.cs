using System.Text.RegularExpressions;
using Allometry.Kinds;

namespace Allometry.Tasks.Metrics;

/// <summary>
/// BLEU of all texts together (Papineni et al. 2002) as sacrebleu computes it by default: the tokens of mteval-v13a, case kept, n-grams up to four, an order
/// without a match smoothed by halving (exp). The nearest length of several references counts. As a fraction, not in percent.
/// </summary>
[Kind("bleu")]
public sealed partial record Bleu : Metric
{
    private const int Orders = 4;

    public override double Score(Answers answers)
    {
        var (shared, said) = (new long[Orders], new long[Orders]);
        var (length, nearest) = (0L, 0L);
        foreach (var (prediction, references) in answers.Predictions.Zip(answers.References))
        {
            var words = Words(prediction);
            string[][] right = [.. references.Select(Words)];
            length += words.Length;
            nearest += right.Select(reference => reference.Length).OrderBy(other => Math.Abs(other - words.Length)).ThenBy(other => other).First();
            for (var order = 1; order <= Orders; order++)
            {
                said[order - 1] += Math.Max(0, words.Length - order + 1);
                shared[order - 1] += Shared(words, right, order);
            }
        }

        return Precision(shared, said) * (length >= nearest ? 1 : Math.Exp(1 - ((double)nearest / Math.Max(1, length))));
    }

    /// <summary>The geometric mean of the orders' precisions; 0 without any match, or where no text has four words.</summary>
    private static double Precision(long[] shared, long[] said)
    {
        if (shared.All(count => count == 0) || said[^1] == 0) return 0;
        var (logs, halved) = (0.0, 1.0);
        for (var i = 0; i < Orders; i++)
        {
            if (shared[i] == 0) halved *= 2;
            logs += Math.Log(shared[i] == 0 ? 1 / (halved * said[i]) : (double)shared[i] / said[i]);
        }

        return Math.Exp(logs / Orders);
    }

    // An n-gram counts at most as often as the reference that has it most often.
    private static int Shared(string[] words, string[][] references, int order)
    {
        var most = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (gram, count) in references.SelectMany(reference => Bag.Of(Grams(reference, order))))
            most[gram] = Math.Max(count, most.GetValueOrDefault(gram));
        return Bag.Of(Grams(words, order)).Sum(pair => Math.Min(pair.Value, most.GetValueOrDefault(pair.Key)));
    }

    private static IEnumerable<string> Grams(string[] words, int order) =>
        Enumerable.Range(0, Math.Max(0, words.Length - order + 1)).Select(i => string.Join(' ', words, i, order));

    /// <summary>Tokenizer13a of sacrebleu: entities undone, marks apart, full stops and commas too unless between digits.</summary>
    internal static string[] Words(string text)
    {
        var line = text.TrimEnd().Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ')
            .Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal)
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        line = Marks().Replace($" {line} ", " $1 ");
        line = StopAfterOther().Replace(line, "$1 $2 ");
        line = StopBeforeOther().Replace(line, " $1 $2");
        return DashAfterDigit().Replace(line, "$1 $2 ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(@"([{-~[-` -&(-+:-@/])")]
    private static partial Regex Marks();

    [GeneratedRegex(@"([^0-9])([.,])")]
    private static partial Regex StopAfterOther();

    [GeneratedRegex(@"([.,])([^0-9])")]
    private static partial Regex StopBeforeOther();

    [GeneratedRegex(@"([0-9])(-)")]
    private static partial Regex DashAfterDigit();
}
