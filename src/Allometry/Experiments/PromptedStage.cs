using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Tasks.Prompts;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>
/// Prompted multitask fine-tuning and zero-shot evaluation: one run learns several sets through all their templates, and is scored on sets whose clusters it has never seen, template by template.
/// A set's result is the mean over its templates (rte/accuracy), with median, quartiles and spread beside it; the stage's is the plain mean over the held-out sets (prompted/average), and beside it that over the learnt ones (prompted-learnt/average).
/// </summary>
[Kind("prompted")]
[Description("Learns several data sets through many templates and is scored on held-out ones, from the pre-trained model or from random weights.")]
public sealed record PromptedStage(
    [Description("The sets to learn, each with its templates.")] IReadOnlyList<PromptedTask> Learn,
    [Description("The sets to be scored on without having learnt them.")] IReadOnlyList<PromptedTask> HeldOut,
    [Description("When to stop.")] Budget Budget,
    [Description("Peak learning rate.")] double LearningRate = 0.001,
    [Description("Rows of a set that count at most, over all its templates."), Range(1, int.MaxValue)] int Cap = 500_000,
    [Description("What to start from: pretrain, grow, student, scratch, or several; the model before it where left out.")] IReadOnlyList<Origin>? From = null) : TrainingStage, IReadable<PromptedStage>
{
    private const string Where = "protocol: prompted";

    [Description("Names the run in results: prompted/average.")]
    public string Name { get; init; } = "prompted";

    [Description("Whether the sets that are learnt are scored too, on rows held out of them.")]
    public bool ScoreTrained { get; init; } = true;

    [Description("Batches whose examples are sorted by length among them, so that little is padding; 1 leaves every batch as chance has it."), Range(1, 1_000_000)]
    public int LengthWindow { get; init; } = TaskBatches.Window;

    public override Budget Budget { get; init; } = Budget;

    [Description("The learning rate over the steps.")]
    public override Schedule Schedule { get; init; } = new Constant();

    public override double LearningRate { get; init; } = LearningRate;

    public override string FromWord => From is [var only] ? only.ToString().ToLowerInvariant() : "";

    /// <summary>Each held-out set through each of its original templates.</summary>
    public override IReadOnlyList<TextTask> ScoredOn => [.. HeldOut.SelectMany(set => set.Templates.Zip(set.Tasks).Where(pair => pair.First.Original).Select(pair => pair.Second))];

    public override string TaskName => Name;

    /// <summary>The learnt sets that are scored.</summary>
    private IReadOnlyList<PromptedTask> Learnt => ScoreTrained ? Learn : [];

    private string LearntName => $"{Name}-learnt";

    static PromptedStage? IReadable<PromptedStage>.FromNode(Node node, ReadContext context) => context.ReadMembers<PromptedStage>(node.AsLists("learn", "held-out", "from"));

    public override IReadOnlyList<Origin>? StartsFrom => From;

    public override IEnumerable<RunDraft> Expand(Run draft, Before before) =>
        before.Starts(draft, From).Select(start => new RunDraft(start.Run with { Stage = this with { From = [start.Origin] }, Corpus = null }));

    /// <summary>At the longest lengths of what is learnt: an upper bound.</summary>
    public override Workload Count(Run run) => WithScoring(run, CountAt(run, Learn.Max(set => set.InputLength), Learn.Max(set => set.TargetLength)), Learnt.Concat(HeldOut).SelectMany(set => set.Tasks));

    public override WorkloadSeen? Look(Run run, Materials materials) => Seen(run.Shape, ArchitectureOf(run), materials.LengthsOf(Canonical.Hash(this with { From = null }), () =>
    {
        var located = materials.Located(this);
        return TaskLengths.Of(located.Learn, [.. located.Learnt, .. located.HeldOut], materials.Tokenizer, Accumulate, learnt => PromptedMixture.Batches(learnt, materials.Tokenizer, Batch, seed: 1, new(Cap, LengthWindow)));
    }));

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials)
    {
        if (Learn.Count == 0) yield return new($"{Where}: learn", "there is no set to learn", "name one at least");
        if (HeldOut.Count == 0) yield return new($"{Where}: held-out", "there is no set to be scored on", "name one at least");
        if (!recipe.Architecture.Writes) yield return new(Where, "its sets are answered in text, and this architecture writes none", "take an architecture with a decoder");
        foreach (var both in HeldOut.Where(held => Learn.Any(set => set.Cluster == held.Cluster)))
            yield return new($"{Where}: held-out", $"the cluster '{both.Cluster}' of '{both.Name}' is also learnt", "move all sets of a cluster to one side");
        foreach (var twice in Learn.Concat(HeldOut).GroupBy(set => set.Name).Where(group => group.Count() > 1 || group.Key == Name || group.Key == LearntName))
            yield return new(Where, $"'{twice.Key}' names more than one thing", "give each set a name of its own, and another than the stage's");
        foreach (var problem in OptionProblems(Where).Concat(TaskLengthProblems($"{Where}: learn", recipe, Learn.Select(set => (set.InputLength, set.TargetLength))))) yield return problem;
        foreach (var problem in Learn.SelectMany(set => Wrong(set, true, materials)).Concat(HeldOut.SelectMany(set => Wrong(set, false, materials)))) yield return problem;
    }

    public override void Execute(Execution execution)
    {
        var stage = (PromptedStage)execution.Run.Stage;
        var learnt = stage.Learn.Select(set => (Set: set, Templates: Load(set))).ToList();
        var batches = PromptedMixture.Batches(learnt, execution.Tokenizer, Batch, execution.Seed, new(Cap, LengthWindow));
        using var model = execution.StartingModel(ArchitectureOf(execution.Run));
        Train(execution, model, batches, (m, batch, options) => m.Loss(batch.Inputs, batch.InputMask, batch.Targets, options));
        var scoring = new PromptedScores(execution, model);
        if (ScoreTrained) scoring.RecordAverage(LearntName, [.. learnt.Select(one => scoring.Score(one.Set, one.Templates, learnt: true))], learnt: true);
        scoring.RecordAverage(Name, [.. stage.HeldOut.Select(set => scoring.Score(set, Load(set), learnt: false))], learnt: false);
        execution.Finish(model);
    }

    private static IReadOnlyList<TaskData> Load(PromptedTask set) => [.. set.Tasks.Select(task => TaskData.LoadAlike(task))];

    private static IEnumerable<Problem> Wrong(PromptedTask set, bool mustTrain, Materials materials) => set.Tasks.SelectMany(task => Materials.Tried(() =>
    {
        var data = TaskData.LoadAlike(task);
        if (mustTrain) data.Of(Split.Train);
        if (materials.HasTokenizer) LabelTokens.Check(task, materials.Tokenizer);
    })).Distinct();
}
