namespace Allometry.Objectives;

/// <summary>
/// What one example costs in tokens: <paramref name="Raw"/> of text become at most <paramref name="Inputs"/> and <paramref name="Targets"/>
/// (end tokens included), with <paramref name="Noise"/> of them hidden in <paramref name="Spans"/> stretches.
/// </summary>
public sealed record ObjectiveLengths(int Raw, int Inputs, int Targets, int Noise, int Spans);
