namespace Allometry.Experiments;

/// <summary>The runs of a recipe, each after the runs that it needs.</summary>
public sealed record Plan(Recipe Recipe, IReadOnlyList<PlannedRun> Runs);
