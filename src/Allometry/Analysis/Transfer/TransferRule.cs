namespace Allometry.Analysis.Transfer;

/// <summary>How a setting that was best for small shapes is carried to another one.</summary>
public abstract record TransferRule
{
    /// <summary>The setting for a model width, from the best ones that were found, at least one.</summary>
    public abstract double For(IReadOnlyList<BestSetting> found, double width);
}

/// <summary>What was best at a width.</summary>
public sealed record BestSetting(double Width, double Value);
