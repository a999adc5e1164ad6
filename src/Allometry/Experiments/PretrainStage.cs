using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>Trains on raw text from random weights.</summary>
[Kind("pretrain")]
[Description("Trains on the corpus, from random weights.")]
public sealed record PretrainStage(
    [Description("What is predicted of the text.")] Objective Objective,
    [Description("When to stop.")] Budget Budget,
    [Description("How weights change."), DefaultValue("adafactor")] Optimizer Optimizer,
    [Description("The learning rate over the steps."), DefaultValue("inverse-square-root")] Schedule Schedule,
    [Description("Tokens of an input."), Range(3, 65536)] int InputLength = 512,
    [Description("Sequences of a step, over all its parts."), Range(1, 1_000_000)] int Batch = 128,
    [Description("Parts that a step is computed in, one after the other: less memory for the same step."), Range(1, 1_000_000)] int Accumulate = 1,
    [Description("Peak learning rate.")] double LearningRate = 0.01,
    [Description("Largest norm of the gradient; 0 does not clip.")] double Clip = 0,
    [Description("Weight of the squared logarithm of the softmax's denominator.")] double ZWeight = 0,
    [Description("Steps between two losses on held-out text; a tenth of the run where left out."), Range(1, int.MaxValue)] int? ValidateEvery = null,
    [Description("Batches of held-out text that a loss is taken of, at most."), Range(1, 1_000_000)] int ValidationBatches = 20) : Stage
{
    public override bool MakesStartingPoint => true;

    private TrainingOptions Options => new(Optimizer, LearningRate, Schedule, Accumulate, Clip, new LossOptions(ZWeight: ZWeight));

    public override IEnumerable<Run> Expand(Run draft, string? before) => [draft with { Stage = this }];

    public override Workload Count(Run run)
    {
        var lengths = Objective.Lengths(InputLength);
        var setting = new Setting(Batch, lengths.Inputs, lengths.Targets);
        var load = Workload.Of(run, setting, Accumulate, Optimizer, Budget);
        var validations = (load.Steps / Period(load.Steps)) + 1;
        return load with { Extras = load.Extras with { EvaluationFlops = validations * ValidationBatches * load.ForwardFlops } };
    }

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials)
    {
        if (recipe.Corpus is null) yield return new("protocol: pretrain", "there is no text to pre-train on", "add a corpus: { files: [...] }");
        if (Batch % Accumulate != 0) yield return new("protocol: pretrain: accumulate", $"a batch of {Batch} cannot be split into {Accumulate} equal parts", "take a divisor of the batch");
        if (!materials.HasTokenizer) yield break;
        foreach (var problem in Objective.Problems("protocol: pretrain: objective", InputLength, materials.Tokenizer.Sentinels)) yield return problem;
    }

    public override void Execute(Execution execution)
    {
        using var train = Tokens(execution, Split.Train);
        using var held = Tokens(execution, Split.Validation);
        var length = Objective.Lengths(InputLength).Raw;
        var batches = new PretrainingBatches(new Segments(train, length, execution.Seed), Objective, execution.Tokenizer, Batch, execution.Seed);
        // The same held-out text in the same places for every seed and shape: their losses are comparable.
        var heldOut = new Segments(held, length, 0);
        var validation = new Validation(new PretrainingBatches(heldOut, Objective, execution.Tokenizer, Batch, 0), Math.Clamp(heldOut.Count / Batch, 1, ValidationBatches), Objective.Loss);
        using var model = execution.StartingModel();
        using var trainer = new Trainer(model, Objective.Loss, batches, Options, execution.Planned.Workload.Steps, execution.Seed);
        Train(execution, trainer, validation, model);
        execution.Finish(model);
    }

    private void Train(Execution execution, Trainer trainer, Validation validation, LanguageModel model)
    {
        var (steps, period) = (execution.Planned.Workload.Steps, Period(execution.Planned.Workload.Steps));
        execution.Resume(trainer);
        foreach (var step in trainer.Steps(CancellationToken.None))
        {
            execution.Record(step);
            if (step.Step % period == 0 || step.Step == steps) execution.Record("validation-loss", step.Step, validation.Loss(model));
            execution.SaveIfDue(trainer, step.Step);
        }
    }

    private TokenFile Tokens(Execution execution, Split split) => TokenFile.Obtain(
        execution.Run.Corpus!, execution.Tokenizer, split, execution.Cache, execution.Doing($"tokenising the {split.ToString().ToLowerInvariant()} text"), execution.Stop);

    private long Period(long steps) => ValidateEvery ?? Math.Max(1, steps / 10);
}
