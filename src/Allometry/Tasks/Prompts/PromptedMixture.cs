using Allometry.Tasks.Mixtures;
using Allometry.Text;

namespace Allometry.Tasks.Prompts;

/// <summary>
/// What several data sets with templates give to learn from: a template's rate is the number of its rows, capped at the cap over the number of the set's templates, so that neither a large set nor
/// one with many templates drowns the others (T0: 500,000 a set).
/// </summary>
public static class PromptedMixture
{
    /// <summary>Batches of the train rows of all templates; empty targets are left out.</summary>
    public static BatchSource Batches(IReadOnlyList<(PromptedTask Set, IReadOnlyList<TaskData> Templates)> sets, Tokenizer tokenizer, int batch, long seed, PromptedLimits limits)
    {
        var learnt = sets.SelectMany(set => set.Templates.Select(data => (set.Set, Examples: Learnt(data, tokenizer)))).ToList();
        return new MixtureBatches([.. learnt.Select(one => one.Examples)], [.. learnt.Select(one => Rate(one.Examples.Count, limits.Cap, one.Set.Templates.Count))], batch, seed, limits.LengthWindow);
    }

    /// <summary>min(rows, cap / templates), the quotient rounded down, and never below one where there are rows.</summary>
    public static double Rate(int rows, int cap, int templates) => Math.Min(rows, Math.Max(1, cap / templates));

    private static IReadOnlyList<Example> Learnt(TaskData data, Tokenizer tokenizer) =>
        [.. data.Tokenize(Split.Train, tokenizer).Examples.Where(example => example.Targets.Length > 1)];
}

/// <summary>How many rows of a set count at most, and how many batches are sorted by length among them.</summary>
public sealed record PromptedLimits(int Cap, int LengthWindow);
