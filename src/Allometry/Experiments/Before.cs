using Allometry.Models;

namespace Allometry.Experiments;

/// <summary>What a stage may know of the plan so far when it says which runs it means.</summary>
/// <param name="IdOf">The identity that a run will have.</param>
/// <param name="Naive">Whether every run is to be done as if it were the only one.</param>
public sealed record Before(Func<Run, string> IdOf, bool Naive)
{
    /// <summary>The run of the same shape and seed whose model may be started from, by the stage that made it; the last one counts.</summary>
    public IReadOnlyList<(Stage Stage, string Run)> Models { get; init; } = [];

    /// <summary>Those of the shape before this one in the recipe, of the same seed; null for the first shape.</summary>
    public IReadOnlyList<(Stage Stage, string Run)>? Smaller { get; init; }

    /// <summary>All runs before this stage's, those of earlier shapes and seeds among them, in the order of the plan.</summary>
    public IReadOnlyList<PlannedRun> Earlier { get; init; } = [];

    /// <summary>The last run of the same shape and seed that has taught a model beside those, and that model's architecture.</summary>
    public (string Run, Architecture Architecture)? Student { get; init; }

    public string? Last => Models is [.., var (_, run)] ? run : null;
}
