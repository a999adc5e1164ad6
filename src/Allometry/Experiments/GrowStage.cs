using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>
/// Trains each shape but the first from the grown model of the shape before it, which may itself have been grown: a chain of shapes where the next starts from the last. Such a model is another one than the
/// shape trained from scratch, and is reported apart from it. A naive plan has none of it.
/// </summary>
[Kind("grow")]
[Description("Trains each shape on from the grown model of the shape before it in the recipe.")]
public sealed record GrowStage(
    [Description("How the smaller model becomes the larger one.")] Growth Growth,
    [Description("What then follows: a pre-training, with a fresh optimiser, from the first step of its schedule.")] PretrainStage Training,
    [Description("Whether shapes that are grown are not trained from scratch too.")] bool Instead = false) : Stage
{
    public override bool MakesStartingPoint => true;

    public override bool Spares(Stage stage) => Instead && stage is PretrainStage;

    /// <summary>None: what it grows from is a run of another shape.</summary>
    public override IEnumerable<Run> Expand(Run draft, string? before) => [];

    public override IEnumerable<RunDraft> Expand(Run draft, Before before) => before is { Naive: false, Smaller: { } smaller }
        ? [new(draft with { Stage = this with { Training = Training.Alone, Instead = false }, Needs = [smaller] })]
        : [];

    public override bool Measures(string name, long step, long steps) => Training.Measures(name, step, steps);

    public override Workload Count(Run run) => Training.Count(run with { Stage = Training });

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials) =>
    [
        .. Training.Problems(recipe, materials),
        .. recipe.Shapes.Zip(recipe.Shapes.Skip(1)).SelectMany(pair => Problems(recipe, pair.First, pair.Second)).Distinct(),
        .. recipe.Shapes.Count < 2 ? [new Problem("protocol: grow", "with one shape there is nothing to grow from", "add the smaller shapes before it")] : Array.Empty<Problem>(),
        .. recipe.Protocol.OfType<PretrainStage>().Any() ? Array.Empty<Problem>() : [new Problem("protocol: grow", "there is no pre-training before it whose model could grow", "add a stage { kind: pretrain, ... } before it")],
    ];

    private IEnumerable<Problem> Problems(Recipe recipe, Shape small, Shape large) => Canonical.Json(recipe.ArchitectureOf(small)) == Canonical.Json(recipe.ArchitectureOf(large))
        ? Growth.Problems(recipe.ArchitectureOf(large), small, large)
        : [new("protocol: grow", $"{ShapeName.Of(large)} has another architecture than {ShapeName.Of(small)}, from which it should grow", "give both the same")];

    public override void Prepare(Run run, Desk desk) => Training.Prepare(run, desk);

    public override void Execute(Execution execution)
    {
        using var model = Training.Train(execution, execution.Planned.Workload.Steps, [], batches => Grown(execution, batches));
        execution.Finish(model);
    }

    /// <summary>A training that goes on from a checkpoint has its weights from there.</summary>
    private LanguageModel Grown(Execution execution, BatchSource batches)
    {
        var architecture = Training.ArchitectureOf(execution.Run);
        var large = execution.FreshModel(architecture);
        if (execution.GoesOn) return large;
        using var small = execution.StartingModel(architecture);
        Growth.Grow(new(small, large, batches, Training.Objective.Loss, execution.Seed));
        return large;
    }
}
