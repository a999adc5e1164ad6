namespace Allometry.Analysis;

/// <summary>What a run did itself: without the steps that another run did for it and several share, and as far as it came where it was stopped or broke off.</summary>
public sealed record OwnWork(double Flops, double Seconds);
