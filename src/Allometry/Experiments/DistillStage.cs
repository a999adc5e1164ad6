using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>Teaches a model of the same shape and another architecture what the one before it knows, such as a dense one what one with experts knows. The stages after it go on from the teacher.</summary>
[Kind("distill"), Description("Teaches another architecture what the model before it knows: its weights where both have them, then its probabilities beside the text.")]
public sealed record DistillStage(
    [Description("The architecture that learns, such as a dense one of a teacher with experts.")] Architecture Student,
    [Description("What is predicted of the text.")] Objective Objective,
    [Description("When to stop.")] Budget Budget,
    [Description("Peak learning rate.")] double LearningRate = 0.01,
    [Description("Tokens of an input."), Range(3, 65536)] int InputLength = 512,
    [Description("Share of the loss that the text has; the teacher's probabilities have the rest."), Range(0, 1)] double Hard = 0.75,
    [Description("Whether the student begins with the teacher's weights where both have them.")] bool Initialise = true,
    [Description("Batches of held-out text that a loss is taken of, at most."), Range(1, 1_000_000)] int ValidationBatches = 20) : TrainingStage
{
    private const string Where = "protocol: distill";

    public override Budget Budget { get; init; } = Budget;

    [Description("The learning rate over the steps.")]
    public override Schedule Schedule { get; init; } = new InverseSquareRoot();

    public override double LearningRate { get; init; } = LearningRate;

    public override Architecture Taught => Student;

    public override IEnumerable<Run> Expand(Run draft, string? before) => [draft with { Stage = this, Needs = before is null ? [] : [before] }];

    /// <summary>The student's training, the teacher beside it with its forward passes, and the loss of both.</summary>
    public override Workload Count(Run run)
    {
        var lengths = Objective.Lengths(InputLength);
        var load = CountAt(run with { Architecture = Student }, lengths.Inputs, lengths.Targets);
        var teacher = run.Architecture.Count(run.Shape, new Setting(Batch, lengths.Inputs, lengths.Targets));
        var memory = load.MemoryBytes + (4.0 * teacher.Parameters) + Distillation.Bytes((double)Batch * lengths.Targets, run.Shape);
        return load with { StepFlops = load.StepFlops + teacher.ForwardFlops, Extras = load.Extras with { MemoryBytes = memory } };
    }

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials)
    {
        if (recipe.Corpus is null) yield return new(Where, "there is no text to learn from", "add a corpus: { files: [...] }");
        if (!recipe.Protocol.TakeWhile(stage => stage != this).Any(stage => stage.MakesStartingPoint)) yield return new(Where, "there is no teacher", "add a stage { kind: pretrain, ... } before it");
        if (Student.FeedForwards.Any(choice => choice.AddsLosses)) yield return new($"{Where}: student", "its layers add losses of their own, as experts do, and nothing but predictions is taught", "take a dense architecture");
        if (Objective.TrainsMore) yield return new($"{Where}: objective", "it trains a second model beside the student, and a teacher says nothing of that", "take an objective of the text alone, such as span-corruption");
        foreach (var problem in OptionProblems(Where).Concat(Objective.Problems($"{Where}: objective", Student)).Concat(WritingProblems(Where, "the student", Student.Writes, [Objective.Lengths(InputLength)])).Concat(LengthProblems(Where, recipe, [Objective.Lengths(InputLength)]))) yield return problem;
        if (!materials.HasTokenizer) yield break;
        foreach (var problem in Objective.Problems($"{Where}: objective", InputLength, materials.Tokenizer)) yield return problem;
    }

    public override void Execute(Execution execution)
    {
        using var train = execution.Tokens(Split.Train);
        using var held = execution.Tokens(Split.Validation);
        var batches = PretrainingBatches.Of(new(train, execution.Tokenizer, InputLength), Objective, Batch, execution.Seed);
        var validation = Validation.On(new(held, execution.Tokenizer, InputLength), Objective, Batch, ValidationBatches);
        using var teacher = execution.StartingModel(execution.Run.Architecture);
        using var student = ArchitectureOf(execution.Run with { Architecture = Student }).Build(execution.Run.Shape);
        student.Plain = teacher.Plain;
        var distillation = new Distillation(teacher, Hard);
        if (Initialise) distillation.Begin(student);
        var steps = execution.Planned.Workload.Steps;
        Train(execution, student, batches, distillation.Loss, (_, step) =>
        {
            if (step % Math.Max(1, steps / 10) == 0 || step == steps) execution.Record(PretrainStage.HeldOut, step, validation.Loss(student));
            if (step == steps) execution.Record("teacher-validation-loss", step, validation.Loss(teacher));
        });
        execution.Finish(student);
    }
}
