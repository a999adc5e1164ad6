namespace Allometry.Analysis;

/// <summary>What a task gives to who has learnt nothing: always the commonest target, and guessing among the labels.</summary>
public sealed record Baseline(double? Majority, double? Chance, double? Examples);
