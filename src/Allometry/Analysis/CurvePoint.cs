namespace Allometry.Analysis;

/// <summary>One measurement on the way: after this many steps, target tokens and seconds, this value.</summary>
public sealed record CurvePoint(long Step, double Tokens, double Seconds, double Value);
