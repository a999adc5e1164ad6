using System.ComponentModel;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>
/// Trains each shape but the first from the grown model of the shape before it, which may itself have been grown in the same way: a chain of shapes where the next starts from the last. Such a model is another one
/// than the shape trained from scratch, and is reported apart from it. What growing itself takes is part of what the grown model costs. A naive plan has none of it.
/// </summary>
[Kind("grow")]
[Description("Trains each shape on from the grown model of the shape before it in the recipe.")]
public sealed record GrowStage(
    [Description("How the smaller model becomes the larger one.")] Growth Growth,
    [Description("What then follows: a pre-training, with a fresh optimiser, from the first step of its schedule.")] PretrainStage Training,
    [Description("Whether shapes that are grown are not trained from scratch too.")] bool Instead = false) : Stage
{
    private const string Where = "protocol: grow";

    public override bool MakesStartingPoint => true;

    public override string FromWord => Growth.Word;

    [Description("The shape that the model grew from, where growing costs something; a plan says it by itself.")]
    public Shape? Small { get; init; }

    /// <summary>Those that it grows, and those before them in the recipe.</summary>
    internal override IEnumerable<Shape> Concerned(IReadOnlyList<Shape> shapes) => shapes.Where((shape, number) => Takes(shape) || (number + 1 < shapes.Count && Takes(shapes[number + 1])));

    public override bool Spares(Stage stage) => Instead && stage is PretrainStage;

    /// <summary>A shape grows from what this stage has made of the shape before it, or else from what that one has last been trained to otherwise.</summary>
    public override IEnumerable<RunDraft> Expand(Run draft, Before before)
    {
        if (before.Naive || before.Smaller is not { Count: > 0 } smaller) return [];
        var start = smaller.LastOrDefault(model => model.Stage is GrowStage && model.Stage.FromWord == FromWord).Run ?? smaller.LastOrDefault(model => model.Stage is not GrowStage).Run ?? smaller[^1].Run;
        var small = Growth.Learns ? before.Earlier.Last(run => run.Id == start).Run.Shape with { Name = null } : null;
        return [new(draft with { Stage = this with { Training = Training.Alone, Instead = false, Small = small }, Needs = [start] })];
    }

    public override bool Measures(string name, long step, long steps) => Training.Measures(name, step, steps);

    public override Workload Count(Run run)
    {
        var training = run with { Stage = Training };
        var load = Training.Count(training);
        if (Small is null) return load;
        double Mean(Func<GrowthCost, double> figure) => Training.Mean(training, sheet => figure(Growth.Count(run.Architecture, Small, run.Shape, sheet)));
        var (flops, bytes) = (Mean(cost => cost.Flops), Mean(cost => cost.Bytes));
        return load with { Extras = load.Extras with { PreparationFlops = flops, MemoryBytes = load.MemoryBytes + bytes } };
    }

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials) =>
    [
        .. Training.Problems(recipe, materials),
        .. TrainingProblems(),
        .. recipe.Shapes.Zip(recipe.Shapes.Skip(1)).Where(pair => Takes(pair.Second)).SelectMany(pair => Problems(recipe, pair.First, pair.Second)).Distinct(),
        .. recipe.Shapes.Count < 2 ? [new Problem(Where, "with one shape there is nothing to grow from", "add the smaller shapes before it")] : Array.Empty<Problem>(),
        .. recipe.Protocol.OfType<GrowStage>().Where(stage => stage.FromWord == FromWord && recipe.Shapes.Any(shape => Takes(shape) && stage.Takes(shape))).Skip(1).Take(1).Select(_ => new Problem(Where, $"two stages grow a shape by '{FromWord}', and no report could tell them apart", "keep one of them")),
    ];

    private IEnumerable<Problem> TrainingProblems()
    {
        if (Training.Tuning is not null) yield return new($"{Where}: training: tuning", "the rate of a grown model is not tuned", "tune that of the pretrain stage, and write its rate here");
        if (Training.Horizons is not null) yield return new($"{Where}: training: horizons", "a grown model is trained to one length", "leave horizons out, or add a grow stage of another length");
        if (Small is not null) yield return new($"{Where}: small", "a shape grows from the one before it in the recipe", "leave small out, and order the shapes");
        if (Growth.Learns && Training.Objective.TrainsMore) yield return new($"{Where}: growth", "it trains with the model's own loss, and this objective has one of its own", "take a growth that learns nothing, such as function-preserving");
    }

    private IEnumerable<Problem> Problems(Recipe recipe, Shape small, Shape large)
    {
        var architecture = recipe.ArchitectureOf(large);
        if (Canonical.Json(recipe.ArchitectureOf(small)) != Canonical.Json(architecture))
            return [new(Where, $"{ShapeName.Of(large)} has another architecture than {ShapeName.Of(small)}, from which it should grow", "give both the same")];
        return Sizes(architecture, small).SequenceEqual(Sizes(architecture, large))
            ? [new(Where, $"{ShapeName.Of(large)} has the same weights as {ShapeName.Of(small)}, from which it should grow: they differ in nothing that this architecture has", "give the second more layers or a larger width")]
            : Growth.Problems(architecture, small, large);
    }

    private static IEnumerable<string> Sizes(Architecture architecture, Shape shape) => new ModelDescription(architecture, shape).Weights().Select(weight => $"{weight.Name} {string.Join('x', weight.Shape)}");

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
        large.Recompute = Training.Recompute;
        Growth.Grow(new(small, large, batches, Training.Objective.Loss, execution.Seed)
        {
            Options = Training.Options,
            Train = trainer => execution.Precede(trainer, "learning how to grow"),
        });
        return large;
    }
}
