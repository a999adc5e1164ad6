using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>Trains on a task and scores it: one run a task and starting point.</summary>
[Kind("fine-tune")]
[Description("Trains on each task, from the pre-trained model or from random weights, and scores it.")]
public sealed record FineTuneStage(
    [Description("The tasks, each a run of its own.")] IReadOnlyList<TextTask> Tasks,
    [Description("When to stop.")] Budget Budget,
    [Description("How weights change."), DefaultValue("adafactor")] Optimizer Optimizer,
    [Description("The learning rate over the steps."), DefaultValue("constant")] Schedule Schedule,
    [Description("What to start from: pretrain, scratch, or both; the model before it where left out.")] IReadOnlyList<Origin>? From = null,
    [Description("Examples of a step, over all its parts."), Range(1, 1_000_000)] int Batch = 128,
    [Description("Parts that a step is computed in, one after the other: less memory for the same step."), Range(1, 1_000_000)] int Accumulate = 1,
    [Description("Peak learning rate.")] double LearningRate = 0.001,
    [Description("Largest norm of the gradient; 0 does not clip.")] double Clip = 0,
    [Description("Share of the target's probability that is spread over the vocabulary."), Range(0.0, 0.999)] double LabelSmoothing = 0,
    [Description("Weight of the squared logarithm of the softmax's denominator.")] double ZWeight = 0) : Stage, IReadable<FineTuneStage>
{
    private static readonly Split[] Scored = [Split.Validation, Split.Test];

    public override string FromWord => From is [var only] ? only.ToString().ToLowerInvariant() : "";

    public override string? TaskName => Tasks is [var only] ? only.Name : null;

    private TrainingOptions Options => new(Optimizer, LearningRate, Schedule, Accumulate, Clip, new LossOptions(LabelSmoothing, ZWeight));

    static FineTuneStage? IReadable<FineTuneStage>.FromNode(Node node, ReadContext context) => context.ReadMembers<FineTuneStage>(node.AsLists("from", "tasks"));

    public override IEnumerable<Run> Expand(Run draft, string? before) =>
        from task in Tasks
        from origin in (From ?? [before is null ? Origin.Scratch : Origin.Pretrain]).Distinct()
        select draft with
        {
            Stage = this with { Tasks = [task], From = [origin] }, Corpus = null, Needs = origin == Origin.Pretrain && before is not null ? [before] : [],
        };

    public override Workload Count(Run run)
    {
        var load = Workload.Of(run, new Setting(Batch, Tasks[0].InputLength, Tasks[0].TargetLength), Accumulate, Optimizer, Budget);
        return load;
    }

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials)
    {
        if (Tasks.Count == 0) yield return new("protocol: fine-tune: tasks", "there is no task", "name one, or write one out");
        foreach (var twice in Tasks.GroupBy(task => task.Name).Where(group => group.Count() > 1))
            yield return new("protocol: fine-tune: tasks", $"two tasks are called '{twice.Key}'", "give each a name of its own");
        if (From?.Contains(Origin.Pretrain) == true && !recipe.Protocol.Any(stage => stage.MakesStartingPoint))
            yield return new("protocol: fine-tune: from", "there is no pre-training to start from", "add a stage { kind: pretrain, ... } before it, or write from: scratch");
        if (Batch % Accumulate != 0) yield return new("protocol: fine-tune: accumulate", $"a batch of {Batch} cannot be split into {Accumulate} equal parts", "take a divisor of the batch");
        foreach (var problem in Tasks.SelectMany(task => Materials.Tried(() => TaskData.Load(task)))) yield return problem;
    }

    public override void Execute(Execution execution)
    {
        var data = TaskData.Load(Tasks[0]);
        var batches = new TaskBatches(data.Tokenize(Split.Train, execution.Tokenizer).Examples, Batch, execution.Seed);
        using var model = execution.StartingModel();
        using var trainer = new Trainer(model, (m, batch, options) => m.Loss(batch.Inputs, batch.InputMask, batch.Targets, options), batches, Options, execution.Planned.Workload.Steps, execution.Seed);
        execution.Resume(trainer);
        foreach (var step in trainer.Steps(CancellationToken.None))
        {
            execution.Record(step);
            execution.SaveIfDue(trainer, step.Step);
        }
        foreach (var split in Scored.Where(data.Has)) Score(execution, model, data, split);
        execution.Finish(model);
    }

    /// <summary>
    /// Results are those of the test split where there is one, else of validation; where both are scored, validation's have its name:
    /// tag/validation/accuracy.
    /// </summary>
    private static void Score(Execution execution, LanguageModel model, TaskData data, Split split)
    {
        execution.Doing($"scoring {data.Task.Name}").Report(0);
        var result = new Evaluation().Run(model, data, split, execution.Tokenizer, execution.Stop);
        var prefix = split == Split.Validation && data.Has(Split.Test) ? $"{data.Task.Name}/validation" : data.Task.Name;
        void Record(string name, double value) => execution.Record($"{prefix}/{name}", execution.Planned.Workload.Steps, value);
        foreach (var score in result.Scores) Record(score.Metric, score.Value);
        Record("majority", result.Primary.Majority);
        Record("examples", result.Examples);
        if (result.Chance is { } chance) Record("chance", chance);
        if (result.OutOfLabels is { } share) Record("out-of-labels", share);
    }
}
