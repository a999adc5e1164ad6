namespace Allometry.Tasks;

/// <summary>One training pair as token ids, the end token included on both sides; id 0 is padding and does not occur.</summary>
public sealed record Example(int[] Inputs, int[] Targets);
