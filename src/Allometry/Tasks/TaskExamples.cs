namespace Allometry.Tasks;

/// <summary>A split as token ids in row order, and how many inputs and targets lost their end because they were too long.</summary>
public sealed record TaskExamples(IReadOnlyList<Example> Examples, int TruncatedInputs, int TruncatedTargets)
{
    /// <summary>The share of examples that lost something.</summary>
    public double TruncatedShare { get; init; }
}
