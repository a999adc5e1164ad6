namespace Allometry.Analysis;

/// <summary>What a task gives to who has learnt nothing: the commonest label, and the mean of blind guesses.</summary>
public sealed record Baseline(double? Majority, double? Chance, double? Examples);
