using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Analysis;
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
    [Description("Peak learning rate.")] double LearningRate = 0.01,
    [Description("Tokens of an input."), Range(3, 65536)] int InputLength = 512,
    [Description("Steps between two losses on held-out text; a tenth of the run where left out."), Range(1, int.MaxValue)] int? ValidateEvery = null,
    [Description("Batches of held-out text that a loss is taken of, at most."), Range(1, 1_000_000)] int ValidationBatches = 20,
    [Description("Other budgets of the same training, each a run of its own, for laws. Where the schedule lets them (warmup-stable-decay, with its warm-up in steps) they share their steps until the rate falls.")] IReadOnlyList<Budget>? Horizons = null) : TrainingStage, IReadable<PretrainStage>
{
    internal const string HeldOut = "validation-loss";

    private const string Where = "protocol: pretrain";

    public override Budget Budget { get; init; } = Budget;

    [Description("The learning rate over the steps.")]
    public override Schedule Schedule { get; init; } = new InverseSquareRoot();

    public override double LearningRate { get; init; } = LearningRate;

    public override bool MakesStartingPoint => true;

    static PretrainStage? IReadable<PretrainStage>.FromNode(Node node, ReadContext context) => context.ReadMembers<PretrainStage>(node.AsLists("horizons"));

    public override IEnumerable<Run> Expand(Run draft, string? before) => [draft with { Stage = this with { Horizons = null } }];

    /// <summary>Beside its own run one for each horizon, and the trunk that they share.</summary>
    public override IEnumerable<RunDraft> Expand(Run draft, Before before)
    {
        var main = this with { Horizons = null };
        var runs = (Horizons ?? []).Where(other => other != Budget).Select(other => new RunDraft(draft with { Stage = main with { Budget = other } }, StudyRun.Horizon)).Append(new(draft with { Stage = main })).ToList();
        if (before.Naive || TrunkStage.Over(main, runs.Select(Length)) is not { } trunk) return runs;
        var shared = draft with { Stage = trunk };
        var id = before.IdOf(shared);
        return runs.Select(run => run with { Branch = trunk.BranchOf(id, Length(run)) }).Prepend(new(shared, StudyRun.Trunk));

        static long Length(RunDraft draft) => draft.Run.Stage.Count(draft.Run).Steps;
    }

    public override bool Measures(string name, long step, long steps) => name == HeldOut ? step % Period(steps) == 0 || step == steps : base.Measures(name, step, steps);

    public override Workload Count(Run run)
    {
        var lengths = Objective.Lengths(InputLength);
        var load = CountAt(run, lengths.Inputs, lengths.Targets);
        var validations = (load.Steps / Period(load.Steps)) + 1;
        return load with { Extras = load.Extras with { EvaluationFlops = validations * ValidationBatches * load.ForwardFlops } };
    }

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials)
    {
        if (recipe.Corpus is null) yield return new(Where, "there is no text to pre-train on", "add a corpus: { files: [...] }");
        foreach (var problem in OptionProblems(Where)) yield return problem;
        var lengths = Objective.Lengths(InputLength);
        if (!recipe.Writes && lengths.Inputs != lengths.Targets)
            yield return new($"{Where}: objective", "it asks for text of another length, and this architecture writes none", "take an architecture with a decoder, or an objective with a target for each input");
        if (!materials.HasTokenizer) yield break;
        foreach (var problem in Objective.Problems($"{Where}: objective", InputLength, materials.Tokenizer.Sentinels)) yield return problem;
    }

    public override void Prepare(Run run, Desk desk)
    {
        foreach (var split in (Split[])[Split.Train, Split.Validation])
        {
            using var tokens = TokenFile.Obtain(run.Corpus!, desk.Materials.Tokenizer, split, desk.Materials.Cache, desk.Doing(Tokenising(split)), desk.Stop);
            _ = new Segments(tokens, Objective.Lengths(InputLength).Raw, 0);
        }
    }

    public override void Execute(Execution execution)
    {
        using var model = Train(execution, execution.Planned.Workload.Steps, []);
        execution.Finish(model);
    }

    /// <summary>Trains to the end of the run as part of a run of this length, keeping the state at these steps for runs that begin there.</summary>
    internal LanguageModel Train(Execution execution, long length, IReadOnlyCollection<long> kept)
    {
        using var train = Tokens(execution, Split.Train);
        using var held = Tokens(execution, Split.Validation);
        var raw = Objective.Lengths(InputLength).Raw;
        var batches = new PretrainingBatches(new Segments(train, raw, execution.Seed), Objective, execution.Tokenizer, Batch, execution.Seed);
        // The same held-out text, hidden in the same places, for every shape and seed: their losses are comparable.
        var heldOut = new Segments(held, raw, 0);
        var validation = new Validation(
            new PretrainingBatches(heldOut, Objective, execution.Tokenizer, Batch, 0), Math.Clamp(heldOut.Count / Batch, 1, ValidationBatches), Objective.Loss);
        var model = execution.StartingModel(ArchitectureOf(execution.Run));
        Train(execution, model, batches, Objective.Loss, (trainer, step) =>
        {
            if (execution.Measures(HeldOut, step)) execution.Record(HeldOut, step, validation.Loss(model));
            if (kept.Contains(step)) execution.Keep(trainer, step);
        }, length);
        return model;
    }

    private static TokenFile Tokens(Execution execution, Split split) => TokenFile.Obtain(
        execution.Run.Corpus!, execution.Tokenizer, split, execution.Cache, execution.Doing(Tokenising(split)), execution.Stop);

    private static string Tokenising(Split split) => $"tokenising the {split.ToString().ToLowerInvariant()} text";

    private long Period(long steps) => ValidateEvery ?? Math.Max(1, steps / 10);
}
