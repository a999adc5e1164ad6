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

    /// <summary>
    /// The runs that a draft becomes where it starts from these: one for each of them that this shape has. A grown model and one trained from scratch are starting points of their own.
    /// Where nothing is said, it is the last model, or random weights where there is none.
    /// </summary>
    public IEnumerable<(Origin Origin, Run Run)> Starts(Run draft, IReadOnlyList<Origin>? origins) =>
        from origin in (origins ?? [Last is null ? Origin.Scratch : Last == Of(Origin.Grow) ? Origin.Grow : Origin.Pretrain]).Distinct()
        where Has(origin)
        select (origin, draft with
        {
            Architecture = origin == Origin.Student ? Student!.Value.Architecture : draft.Architecture,
            Needs = Of(origin) is { } start ? [start] : [],
        });

    internal bool Has(Origin origin) => origin == Origin.Scratch || Of(origin) is not null;

    private string? Of(Origin origin) => origin switch
    {
        Origin.Pretrain => Models.LastOrDefault(model => model.Stage is not GrowStage).Run,
        Origin.Grow => Models.LastOrDefault(model => model.Stage is GrowStage).Run,
        Origin.Student => Student?.Run,
        _ => null,
    };
}
