namespace Allometry.Tasks;

/// <summary>What examples take that are computed in batches, each as long as its longest.</summary>
/// <param name="Rows">Examples.</param>
/// <param name="Inputs">Mean tokens that are computed for the inputs of a row, padding included.</param>
/// <param name="Targets">The same for targets.</param>
/// <param name="Passes">How often the layers are gone through.</param>
public sealed record LengthsTogether(double Rows, double Inputs, double Targets, double Passes)
{
    /// <summary>Of nothing.</summary>
    public static LengthsTogether None { get; } = new(0, 0, 0, 0);

    /// <summary>A mean over so many steps.</summary>
    public static LengthsTogether Of(IEnumerable<IReadOnlyList<Example>> batches, int steps = 1)
    {
        var all = batches.Select(batch => (Rows: (double)batch.Count, Inputs: batch.Max(example => example.Inputs.Length), Targets: batch.Max(example => example.Targets.Length))).ToList();
        var rows = all.Sum(batch => batch.Rows);
        return new(rows / steps, all.Sum(batch => batch.Rows * batch.Inputs) / rows, all.Sum(batch => batch.Rows * batch.Targets) / rows, (double)all.Count / steps);
    }
}
