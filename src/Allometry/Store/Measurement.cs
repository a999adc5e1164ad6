namespace Allometry.Store;

/// <summary>One number of a run: at which step, after how many tokens and seconds of the run.</summary>
public sealed record Measurement(string Name, long Step, double Value, double Tokens = 0, double Seconds = 0);
