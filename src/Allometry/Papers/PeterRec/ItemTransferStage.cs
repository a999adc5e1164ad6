using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Analysis;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Tasks.Items;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Papers.PeterRec;

/// <summary>
/// Carries a network that has seen what users met in one domain over to questions about another: its head is dropped for a table of answers, and a task changes of it what <see cref="Adapt"/> says.
/// </summary>
[Kind("transfer-items"), Description("Trains on questions about users of another domain, from the pre-trained network or from random weights, and scores the answers.")]
public sealed record ItemTransferStage(
    [Description("What is asked, each a run of its own.")] IReadOnlyList<ItemTask> Tasks,
    [Description("Whose users.")] ItemDomains Domains,
    [Description("When to stop.")] Budget Budget,
    [Description("Peak learning rate.")] double LearningRate = 0.001,
    [Description("Source items of a user, the last ones, at most."), Range(1, 65536)] int InputLength = 12,
    [Description("What is minimised: cross-entropy, binary or pairwise.")] ItemLoss Loss = ItemLoss.CrossEntropy,
    [Description("What to start from: pretrain, scratch, or both; the model before it where left out.")] IReadOnlyList<Origin>? From = null) : TrainingStage, IReadable<ItemTransferStage>
{
    private const string Where = "protocol: transfer-items", Head = "answers";

    public override Budget Budget { get; init; } = Budget;

    [Description("The learning rate over the steps.")]
    public override Schedule Schedule { get; init; } = new Constant();

    public override double LearningRate { get; init; } = LearningRate;

    [Description("What of the network a task changes; everything where left out.")]
    public Adaptation? Adapt { get; init; }

    [Description("Whether a user's state is asked for at the padding token, as in the authors' code, and not at one of its own.")]
    public bool TclSharesPad { get; init; }

    public override string FromWord => From is [var only] ? only.ToString().ToLowerInvariant() : "";

    public override string? TaskName => Tasks is [var only] ? only.Name : null;

    static ItemTransferStage? IReadable<ItemTransferStage>.FromNode(Node node, ReadContext context) => context.ReadMembers<ItemTransferStage>(node.AsLists("tasks", "from"));

    public override IReadOnlyList<Origin>? StartsFrom => From;

    public override IEnumerable<RunDraft> Expand(Run draft, Before before) =>
        from task in Tasks
        from start in before.Starts(draft, From)
        select new RunDraft(start.Run with { Stage = this with { Tasks = [task], From = [start.Origin] }, Corpus = null });

    /// <summary>At the longest histories: an upper bound.</summary>
    public override Workload Count(Run run) => CountAt(run with { Architecture = Adapted(run.Architecture, Tasks[0]) }, InputLength + 2, 1);

    public override WorkloadSeen? Look(Run run, Materials materials)
    {
        var (located, asking) = (materials.Located(this), AskingOf(materials.Tokenizer, run.Architecture));
        var key = $"{Canonical.Hash(Tasks[0])} {Canonical.Hash(Domains)} {InputLength} {Batch} {Accumulate}";
        return Seen(run.Shape, Adapted(ArchitectureOf(run), Tasks[0]), materials.LengthsOf(key, () => located.LengthsOf(asking)));
    }

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials)
    {
        if (Tasks.Count == 0) yield return new($"{Where}: tasks", "there is no task", "name one, such as { kind: next-items, answers: 3814 }");
        foreach (var twice in Tasks.GroupBy(task => task.Name).Where(group => group.Count() > 1)) yield return new($"{Where}: tasks", $"two tasks are called '{twice.Key}'", "give each a name of its own");
        if (From?.Contains(Origin.Grow) == true) yield return new($"{Where}: from", "a grown network is no start for it", "write pretrain, scratch, or both");
        if (recipe.Shapes.Any(shape => recipe.ArchitectureOf(shape).Stacks.Count() != 1)) yield return new(Where, "a user is read by one stack, and this architecture has another number of them", "take architecture: { kind: decoder-only, ... } or encoder-only");
        foreach (var problem in OptionProblems(Where)) yield return problem;
        if (Loss != ItemLoss.CrossEntropy && (LabelSmoothing, ZWeight) != (0, 0)) yield return new($"{Where}: loss", "of two answers no label is smoothed and no denominator weighed", "leave label-smoothing and z-weight out, or take cross-entropy");
        foreach (var problem in Adapt is null || Tasks.Count == 0 ? [] : recipe.Shapes.SelectMany(shape => Adapt.Problems($"{Where}: adapt", recipe.ArchitectureOf(shape) with { Answers = Tasks[0].Answers }, shape)).Distinct()) yield return problem;
        if (Adapt?.Trains($"{Head}.weight") == false) yield return new($"{Where}: adapt", "the answers' table begins with random values and would not be trained", $"add it: parts: [{Head}]");
        if (!TclSharesPad && materials.HasTokenizer && !materials.Tokenizer.Added.Contains(ItemVocabulary.TaskToken)) yield return new("vocabulary", $"it has no {ItemVocabulary.TaskToken}", $"write added: [\"{ItemVocabulary.TaskToken}\"]");
        foreach (var problem in Materials.Tried(() => Check(Domains.Read()))) yield return problem;
    }

    public override void Execute(Execution execution)
    {
        var (task, data) = (Tasks[0], Domains.Read());
        var (learnt, asking) = (task.Of(Split.Train, data), AskingOf(execution.Tokenizer, execution.Run.Architecture));
        var batches = new ItemBatches([.. learnt.Select(asking.Of)], Loss == ItemLoss.CrossEntropy ? null : task.Answers, Batch, execution.Seed);
        using var model = execution.StartingModel(Adapted(ArchitectureOf(execution.Run), task));
        if (Adapt?.Freeze(model) is { } trained) execution.Record(StudyRun.TrainedParameters, execution.Planned.Workload.Steps, trained);
        Train(execution, model, batches, (m, batch, options) => Loss.Loss(m, batch, options));
        foreach (var split in FineTuneStage.Scored)
        {
            var name = split == Split.Test ? task.Name : $"{task.Name}/validation";
            execution.Doing($"scoring {name}").Report(0);
            var asked = task.Of(split, data);
            Record(execution, name, task.Score(asking.Told(model, asked, execution.Stop)), task.Popularity(learnt, asked), task.Chance());
            execution.Record($"{name}/examples", execution.Planned.Workload.Steps, asked.Count);
        }

        if (Adapt is null) execution.Finish(model);
        else execution.Finish(model, Adapt);
    }

    private void Check(Behaviours data)
    {
        foreach (var task in Tasks)
            foreach (var split in Enum.GetValues<Split>()) task.Of(split, data);
    }

    private Asking AskingOf(Tokenizer tokenizer, Architecture architecture) =>
        new(tokenizer, InputLength, TclSharesPad ? Tokenizer.Pad : tokenizer.Encode(ItemVocabulary.TaskToken).Single(), BothSides: architecture is not DecoderOnly);

    private TaskLengths LengthsOf(Asking asking)
    {
        var (task, data) = (Tasks[0], Domains.Read());
        var scored = FineTuneStage.Scored.SelectMany(split => Asking.Together(task.Of(split, data))).Select(users => users.Select(user => asking.Of(user.First())).ToList());
        return TaskLengths.Of(new ItemBatches([.. task.Of(Split.Train, data).Select(asking.Of)], null, Batch, seed: 1), Accumulate, LengthsTogether.Of(scored));
    }

    private Architecture Adapted(Architecture architecture, ItemTask task) => (Adapt?.Graft(architecture) ?? architecture) with { Answers = task.Answers };

    /// <summary>Answers, what the same answers for everybody reach, and what guessing does.</summary>
    private static void Record(Execution execution, string name, IReadOnlyList<(string, double)> answers, IReadOnlyList<(string, double)> popularity, IReadOnlyList<(string, double)> chance)
    {
        foreach (var (suffix, values) in ((string, IReadOnlyList<(string, double)>)[])[("", answers), ("/majority", popularity), ("/chance", chance)])
            foreach (var (measure, value) in values) execution.Record($"{name}/{measure}{suffix}", execution.Planned.Workload.Steps, value);
    }
}
