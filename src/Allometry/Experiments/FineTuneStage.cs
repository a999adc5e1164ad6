using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Analysis;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Tasks.Mixtures;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>Trains on a task, or a mixture of tasks, and scores it: one run a task and starting point.</summary>
[Kind("fine-tune")]
[Description("Trains on each task or mixture, from the pre-trained model or from random weights, and scores it.")]
public sealed record FineTuneStage(
    [Description("The tasks, each a run of its own; a mixture is one run that learns all its tasks.")] IReadOnlyList<Mixture> Tasks,
    [Description("When to stop.")] Budget Budget,
    [Description("Peak learning rate.")] double LearningRate = 0.001,
    [Description("What to start from: pretrain, grow, student, scratch, or several; the model before it where left out.")] IReadOnlyList<Origin>? From = null) : TrainingStage, IReadable<FineTuneStage>
{
    private const string Where = "protocol: fine-tune";

    internal static readonly Split[] Scored = [Split.Validation, Split.Test];

    public override Budget Budget { get; init; } = Budget;

    [Description("The learning rate over the steps.")]
    public override Schedule Schedule { get; init; } = new Constant();

    public override double LearningRate { get; init; } = LearningRate;

    [Description("Batches whose examples are sorted by length among them, so that little is padding; 1 leaves every batch as chance has it."), Range(1, 1_000_000)]
    public int LengthWindow { get; init; } = TaskBatches.Window;

    [Description("What of the model a task changes; everything where left out.")]
    public Adaptation? Adapt { get; init; }

    public override string FromWord => From is [var only] ? only.ToString().ToLowerInvariant() : "";

    public override IReadOnlyList<TextTask> ScoredOn => Tasks is [var first, ..] ? first.Tasks : [];

    public override string? TaskName => Tasks is [var only] ? only.Name : null;

    static FineTuneStage? IReadable<FineTuneStage>.FromNode(Node node, ReadContext context) => context.ReadMembers<FineTuneStage>(node.AsLists("from", "tasks"));

    public override IReadOnlyList<Origin>? StartsFrom => From;

    public override IEnumerable<RunDraft> Expand(Run draft, Before before) =>
        from start in before.Starts(draft, From)
        from task in Tasks
        select new RunDraft(start.Run with { Stage = this with { Tasks = [task], From = [start.Origin] }, Corpus = null });

    /// <summary>At the longest lengths of its tasks: shorter batches cost less, so this is an upper bound.</summary>
    public override Workload Count(Run run)
    {
        run = run with { Architecture = Adapted(run.Architecture) };
        var (inputs, targets) = (Tasks[0].Tasks.Max(task => task.InputLength), Tasks[0].Tasks.Max(task => task.TargetLength));
        return WithScoring(run, run.Architecture.Writes ? CountAt(run, inputs, targets) : CountAt(run, inputs + targets, 0), Tasks[0].Tasks); // an answer's places stand before the text
    }

    public override WorkloadSeen? Look(Run run, Materials materials) => Seen(run.Shape, Adapted(ArchitectureOf(run)), materials.LengthsOf(Tasks[0], Batch, Accumulate, LengthWindow));

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials)
    {
        if (Tasks.Count == 0) yield return new($"{Where}: tasks", "there is no task", "name one, or write one out");
        foreach (var twice in Tasks.GroupBy(task => task.Name).Where(group => group.Count() > 1))
            yield return new($"{Where}: tasks", $"two tasks are called '{twice.Key}'", "give each a name of its own");
        foreach (var problem in OptionProblems(Where)) yield return problem;
        foreach (var mixture in recipe.Writes ? [] : Tasks.Where(mixture => !mixture.IsSingle || mixture.Tasks.Any(task => task.Answer is not { Decision: Decision.Rank, Words: not null })))
            yield return new(Where, $"'{mixture.Name}' is answered in text, and an architecture of this recipe writes none", "take an architecture with a decoder, or one task at a time that ranks labels");
        foreach (var problem in Adapt is null ? [] : recipe.Shapes.SelectMany(shape => Adapt.Problems($"{Where}: adapt", recipe.ArchitectureOf(shape), shape)).Distinct()) yield return problem;
        foreach (var problem in TaskLengthProblems($"{Where}: tasks", recipe, Tasks.SelectMany(mixture => mixture.Tasks).Select(task => (task.InputLength, task.TargetLength)))) yield return problem;
        foreach (var mixture in Tasks)
            foreach (var problem in mixture.Tasks.SelectMany(task => Materials.Tried(() => Check(task, mixture.IsSingle, materials)))) yield return problem;
    }

    private static void Check(TextTask task, bool mustTrain, Materials materials)
    {
        var data = TaskData.Load(task);
        if (mustTrain) data.Of(Split.Train);
        if (materials.HasTokenizer) LabelTokens.Check(task, materials.Tokenizer);
    }

    public override void Execute(Execution execution)
    {
        var mixture = ((FineTuneStage)execution.Run.Stage).Tasks[0];
        var data = mixture.Tasks.Select(TaskData.Load).ToList();
        var batches = MixtureBatches.Of(mixture, data, execution.Tokenizer, Batch, execution.Seed, LengthWindow);
        if (!execution.Run.Architecture.Writes) batches = OpenPlaces.Before(batches, OpenPlaces.For(mixture.Tasks[0], execution.Tokenizer), execution.Tokenizer);
        using var model = execution.StartingModel(Adapted(ArchitectureOf(execution.Run)));
        if (Adapt?.Freeze(model) is { } trained) execution.Record(StudyRun.TrainedParameters, execution.Planned.Workload.Steps, trained);
        Train(execution, model, batches, (m, batch, options) => m.Loss(batch.Inputs, batch.InputMask, batch.Targets, options));
        var results = data.SelectMany(task => Scored.Where(task.Has).Select(split => Score(execution, model, task, split))).ToList();
        if (!mixture.IsSingle && mixture.Together([.. results.GroupBy(result => result.Task).Select(task => task.Last())]) is { } together) Record(execution, mixture.Name, together);
        if (Adapt is null) execution.Finish(model);
        else execution.Finish(model, Adapt);
    }

    private Architecture Adapted(Architecture architecture) => Adapt?.Graft(architecture) ?? architecture;

    /// <summary>
    /// Results are those of the test split where there is one, else of validation; where both are scored, validation's are called
    /// tag/validation/accuracy.
    /// </summary>
    private static TaskResult Score(Execution execution, LanguageModel model, TaskData data, Split split)
    {
        execution.Doing($"scoring {data.Task.Name}").Report(0);
        var result = new Evaluation().Run(model, data, split, execution.Tokenizer, execution.Stop);
        var prefix = split == Split.Validation && data.Has(Split.Test) ? $"{data.Task.Name}/validation" : data.Task.Name;
        Record(execution, prefix, result);
        return result;
    }

    private static void Record(Execution execution, string prefix, TaskResult result)
    {
        void Record(string name, double value) => execution.Record($"{prefix}/{name}", execution.Planned.Workload.Steps, value);
        foreach (var score in result.Scores)
        {
            Record(score.Metric, score.Value);
            Record($"{score.Metric}/majority", score.Majority);
        }
        Record("majority", result.Primary.Majority);
        Record("examples", result.Examples);
        if (result.Chance is { } chance) Record("chance", chance);
        if (result.OutOfLabels is { } share) Record("out-of-labels", share);
        if (result.Truncated > 0) Record("truncated", result.Truncated);
    }
}
