using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Papers.Ul2;

/// <summary>
/// A fair comparison of objectives: the pre-trained model is trained for equally many steps on each of several denoisers, each time from the same start, and its held-out loss
/// is measured before (before-loss/NAME) and after (validation-loss/NAME). Without it an objective fails on the others for their mere format.
/// </summary>
[Kind("transfer"), Description("Trains the pre-trained model shortly on each of several denoisers, one run each, and measures held-out loss before and after.")]
public sealed record TransferStage(
    [Description("The denoisers by name, each a run of its own.")] IReadOnlyDictionary<string, Denoiser> To,
    [Description("When to stop.")] Budget Budget,
    [Description("Peak learning rate.")] double LearningRate = 0.001,
    [Description("Tokens of an input."), Range(3, 65536)] int InputLength = 512,
    [Description("Batches of held-out text that a loss is taken of, at most."), Range(1, 1_000_000)] int ValidationBatches = 20) : TrainingStage, IReadable<TransferStage>
{
    private const string Where = "protocol: transfer";

    public override Budget Budget { get; init; } = Budget;

    public override double LearningRate { get; init; } = LearningRate;

    [Description("The learning rate over the steps.")]
    public override Schedule Schedule { get; init; } = new Constant();

    [Description("What to start from: pretrain where left out, grow, or both.")]
    public IReadOnlyList<Origin>? From { get; init; }

    public override string FromWord => To.Count == 1 ? $"{StartsFrom[0].ToString().ToLowerInvariant()} to {To.Keys.Single()}" : "";

    public override IReadOnlyList<Origin> StartsFrom => From ?? [Origin.Pretrain];

    static TransferStage? IReadable<TransferStage>.FromNode(Node node, ReadContext context) => context.ReadMembers<TransferStage>(node.AsLists("from"));

    public override IEnumerable<RunDraft> Expand(Run draft, Before before) =>
        from start in before.Starts(draft, StartsFrom)
        from line in To
        select new RunDraft(start.Run with { Stage = this with { To = new Dictionary<string, Denoiser> { [line.Key] = line.Value }, From = start.Origin == Origin.Pretrain ? null : [start.Origin] } });

    public override Workload Count(Run run) => CountAt(run, To.Values.First(), InputLength);

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials)
    {
        if (recipe.Corpus is null) yield return new(Where, "there is no text to train on", "add a corpus: { files: [...] }");
        if (To.Count == 0) yield return new($"{Where}: to", "there is no denoiser", "name one at least: { R: span-corruption }");
        foreach (var problem in OptionProblems(Where).Concat(LengthProblems(Where, recipe, To.Values.SelectMany(line => line.Parts).Select(part => part.Objective.Lengths(InputLength))))) yield return problem;
        foreach (var problem in WritingProblems(Where, "this architecture", recipe.Writes, To.Values.Select(denoiser => denoiser.Lengths(InputLength)))) yield return problem;
        foreach (var problem in DenoiserProblems($"{Where}: to", To, InputLength, materials)) yield return problem;
    }

    public override void Prepare(Run run, Desk desk) => PrepareText(run, desk, InputLength, [.. To.Values]);

    public override void Execute(Execution execution)
    {
        var (name, denoiser) = To.Single();
        using var train = execution.Tokens(Split.Train);
        using var held = execution.Tokens(Split.Validation);
        var batches = PretrainingBatches.Of(new(train, execution.Tokenizer, InputLength), denoiser, Batch, execution.Seed);
        var validation = Validation.On(new(held, execution.Tokenizer, InputLength), denoiser, Batch, ValidationBatches);
        using var model = execution.StartingModel(ArchitectureOf(execution.Run));
        execution.Record($"before-loss/{name}", 0, validation.Loss(model)); // of the starting weights, also where the training goes on from a checkpoint
        Train(execution, model, batches, denoiser.Loss);
        execution.Record($"validation-loss/{name}", execution.Planned.Workload.Steps, validation.Loss(model));
        execution.Finish(model);
    }
}
