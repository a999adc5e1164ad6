namespace Allometry.Tasks;

/// <summary>One training pair as token ids, the end token included on both sides; id 0 is padding and does not occur.</summary>
public sealed record Example(int[] Inputs, int[] Targets)
{
    /// <summary>The places of the inputs that an objective asks about, where it asks about some and not about others.</summary>
    public int[]? Marked { get; init; }
}
