namespace Allometry.Tasks;

/// <summary>Examples that are computed together, and what they take: every row is as long as the longest.</summary>
internal sealed class LengthGroup
{
    private readonly IReadOnlyList<Example> examples;
    private readonly int inputs, targets;

    public LengthGroup(IReadOnlyList<Example> examples)
    {
        this.examples = examples;
        (inputs, targets) = (examples.Max(Inputs), examples.Max(Targets));
    }

    public IReadOnlyList<Example> Examples => examples;

    /// <summary>Tokens that are computed, padding included.</summary>
    public long Positions => (long)examples.Count * (inputs + targets);

    public long Padding => InputPadding + TargetPadding;

    private long InputPadding => examples.Sum(example => (long)inputs - Inputs(example));

    private long TargetPadding => examples.Sum(example => (long)targets - Targets(example));

    /// <summary>Two groups of neighbours in length, of at least so many examples each, cut where it leaves least padding.</summary>
    public (LengthGroup Short, LengthGroup Long) Cut(int least = 1)
    {
        Example[] sorted = InputPadding >= TargetPadding
            ? [.. examples.OrderBy(Inputs).ThenBy(Targets)]
            : [.. examples.OrderBy(Targets).ThenBy(Inputs)];
        var (before, after) = (Widths(sorted), Widths([.. sorted.Reverse()]));
        var cut = Enumerable.Range(least, sorted.Length + 1 - (2 * least)).MinBy(count => (count * before[count - 1]) + ((sorted.Length - count) * after[sorted.Length - count - 1]));
        return (new(sorted[..cut]), new(sorted[cut..]));
    }

    /// <summary>Longest input and longest target together, of the first 1, 2, ... examples.</summary>
    private static long[] Widths(Example[] sorted)
    {
        var (input, target) = (0, 0);
        return [.. sorted.Select(example => (long)(input = Math.Max(input, Inputs(example))) + (target = Math.Max(target, Targets(example))))];
    }

    private static int Inputs(Example example) => example.Inputs.Length;

    private static int Targets(Example example) => example.Targets.Length;
}
