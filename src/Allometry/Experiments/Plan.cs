namespace Allometry.Experiments;

/// <summary>The runs of a recipe, each after the runs that it needs.</summary>
/// <param name="Naive">Whether nothing is spared.</param>
public sealed record Plan(Recipe Recipe, IReadOnlyList<PlannedRun> Runs, bool Naive = false);
