using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Experiments;

/// <summary>Scores finished models on changed texts: how much of what they score on the texts as they are is left (Neerudu et al. 2023, arXiv 2305.14453).</summary>
[Kind("robustness")]
[Description("Scores fine-tuned models on changed texts beside the texts as they are.")]
public sealed record RobustnessStage(
    [Description("How texts are changed.")] IReadOnlyList<Perturbation> Perturbations,
    [Description("Draws of a change that draws, which are averaged."), Range(1, 1000)] int Draws = 3,
    [Description("Resamples of the examples for intervals; 0: none."), Range(0, 100_000)] int Resamples = 200,
    [Description("The task, where only one of a mixture's tasks is meant; the plan fills it in.")] TextTask? Task = null) : Stage, IReadable<RobustnessStage>
{
    private const string Where = "protocol: robustness";

    [Description("What the fine-tuning started from; the plan fills it in.")]
    public string? From { get; init; }

    [Description("Whether the task is one template of several, which all ask of the same rows; the plan fills it in.")]
    public bool Alike { get; init; }

    public override string? TaskName => Task?.Name;

    static RobustnessStage? IReadable<RobustnessStage>.FromNode(Node node, ReadContext context) => context.ReadMembers<RobustnessStage>(node.AsLists("perturbations"));

    public override IEnumerable<Run> Expand(Run draft, string? before, IReadOnlyList<PlannedRun> earlier) =>
        from run in earlier.ToList()
        where run.Run.Shape == draft.Shape && run.Seed == draft.Numbers.Seed
        from task in run.Run.Stage.ScoredOn
        where Task is null || Task.Name == task.Name
        select draft with { Stage = this with { Task = task, From = run.From, Alike = run.Run.Stage is PromptedStage }, Corpus = null, Needs = [run.Id] };

    public override bool LooksBack => true;

    public override string FromWord => From ?? "";

    /// <summary>Every example once as it is, once for each change that does not draw, and as often as is drawn for those that do; an upper bound of their number is not known before the files are read, so a thousand stand for them.</summary>
    public override Workload Count(Run run)
    {
        const int examples = 1000;
        var passes = 1 + Perturbations.Sum(Times);
        var sheet = run.Architecture.Count(run.Shape, new Setting(examples, Task!.InputLength, Task.TargetLength));
        return new(sheet.Parameters, sheet.NonEmbeddingParameters, 1, passes * sheet.ForwardFlops, passes * sheet.ForwardFlops, (double)passes * examples * (Task.InputLength + Task.TargetLength),
            new(8.0 * sheet.Parameters, sheet.ActivationBytes / examples, run.Shape.EncoderLayers + run.Shape.DecoderLayers, 0));
    }

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials)
    {
        if (!recipe.Protocol.Any(stage => stage.ScoredOn.Count > 0)) yield return new(Where, "there is no fine-tuning whose models could be scored", "add a stage { kind: fine-tune, ... } before it");
        if (Perturbations.Count == 0) yield return new($"{Where}: perturbations", "there is none", $"name some: {string.Join(", ", Catalogue.Of(typeof(Perturbation)).Select(entry => entry.Name))}");
        foreach (var twice in Perturbations.GroupBy(one => one.Name).Where(group => group.Count() > 1)) yield return new($"{Where}: perturbations", $"'{twice.Key}' stands there twice", "name each once");
        foreach (var perturbation in Perturbations)
            foreach (var problem in Materials.Tried(perturbation.Check)) yield return problem;
    }

    public override void Execute(Execution execution)
    {
        var stage = (RobustnessStage)execution.Run.Stage;
        using var model = execution.Needed(0);
        TaskData Read(Rewording? change) => stage.Alike ? TaskData.LoadAlike(stage.Task!, change) : TaskData.Load(stage.Task!, change);
        var clean = Read(null);
        var split = clean.Has(Split.Test) && !(stage.Alike && clean.Has(Split.Validation)) ? Split.Test : Split.Validation; // that which the run was scored on
        TaskResult Scored(TaskData data) => new Evaluation().Run(model, data, split, execution.Tokenizer, execution.Stop);
        execution.Doing("scoring texts as they are").Report(0);
        var whole = Scored(clean);
        execution.Record("examples", 1, whole.Examples);
        foreach (var score in whole.Scores)
        {
            execution.Record($"clean/{score.Metric}/score", 1, score.Value);
            execution.Record($"clean/{score.Metric}/majority", 1, score.Majority);
        }
        foreach (var (i, perturbation) in stage.Perturbations.Index())
        {
            execution.Doing($"scoring {perturbation.Name}").Report((double)i / stage.Perturbations.Count);
            // The same changes for every shape and seed: what differs is the model.
            var draws = Enumerable.Range(0, stage.Times(perturbation)).Select(draw => Read(perturbation.Of(draw))).ToList();
            execution.Record($"robustness/{perturbation.Name}/changed", 1, draws.Average(data => data.Of(split).Zip(clean.Of(split)).Count(pair => pair.First.Input != pair.Second.Input) / (double)whole.Examples));
            var robustness = new Robustness(clean, split, whole, [.. draws.Select(Scored)]);
            foreach (var (number, metric) in stage.Task!.Metrics.Index()) Record(execution, $"robustness/{perturbation.Name}/{metric.Name}", robustness.Of(number, stage.Resamples));
        }
        execution.Finish(_ => { });
    }

    private int Times(Perturbation perturbation) => perturbation.Draws ? Draws : 1;

    private static void Record(Execution execution, string name, RobustnessScore score)
    {
        execution.Record($"{name}/score", 1, score.Perturbed);
        if (score.Ratio is { } ratio) execution.Record($"{name}/ratio", 1, ratio);
        if (score.Interval is { } interval) execution.Record($"{name}/low", 1, interval.Low);
        if (score.Interval is { } same) execution.Record($"{name}/high", 1, same.High);
        if (score.AboveMajority is { } above) execution.Record($"{name}/above-majority", 1, above);
    }
}
