namespace Allometry.Objectives;

/// <summary>
/// What one example costs in tokens: <paramref name="Raw"/> of text become at most <paramref name="Inputs"/> and <paramref name="Targets"/>
/// (end tokens included), with <paramref name="Noise"/> of them hidden in <paramref name="Spans"/> stretches.
/// </summary>
public sealed record ObjectiveLengths(int Raw, int Inputs, int Targets, int Noise, int Spans)
{
    /// <summary>Tokens of inputs and of targets of examples, each as frequent as any other: where examples differ in length, training costs the mean over these, and memory is that of the longest.</summary>
    public IReadOnlyList<(int Inputs, int Targets)> Typical { get => field ?? [(Inputs, Targets)]; init; }
}
