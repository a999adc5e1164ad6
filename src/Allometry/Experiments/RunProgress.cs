namespace Allometry.Experiments;

/// <summary>How far a run is; rates are of the last seconds.</summary>
/// <param name="Loss">Smoothed over the last steps, nats a target token.</param>
/// <param name="ShareOfPeak">Products done a second as a share of the machine's measured float32 product speed; NaN where not measured.</param>
public sealed record RunProgress(long Step, long Steps, double Loss, double TokensPerSecond, double ShareOfPeak, TimeSpan Left);
