namespace Allometry.Analysis;

/// <summary>What the clock says of a shape's training: the whole of it, and tokens and examples (sequences of a batch) it went through in a second.</summary>
public sealed record ShapeClock(Spread? Seconds, Spread? TokensPerSecond, Spread? ExamplesPerSecond);
