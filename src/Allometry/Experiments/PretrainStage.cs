using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Analysis;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Tasks;
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
    [Description("Other budgets of the same training, each a run of its own, for laws. Where the schedule lets them (warmup-stable-decay, with its warm-up in steps) they share their steps until the rate falls.")] IReadOnlyList<Budget>? Horizons = null,
    [Description("A small sweep that decides the learning rate, in place of the one given.")] Tuning? Tuning = null) : TrainingStage, IReadable<PretrainStage>
{
    internal const string HeldOut = "validation-loss", HeldOutMeasure = "validation/";

    private const string Where = "protocol: pretrain";

    public override Budget Budget { get; init; } = Budget;

    [Description("The learning rate over the steps.")]
    public override Schedule Schedule { get; init; } = new InverseSquareRoot();

    public override double LearningRate { get; init; } = LearningRate;

    public override bool MakesStartingPoint => true;

    static PretrainStage? IReadable<PretrainStage>.FromNode(Node node, ReadContext context) => context.ReadMembers<PretrainStage>(node.AsLists("horizons"));

    public override IEnumerable<Run> Expand(Run draft, string? before) => [draft with { Stage = Alone }];

    /// <summary>The same training by itself.</summary>
    internal PretrainStage Alone => this with { Horizons = null, Tuning = null };

    /// <summary>Beside its own run one for each horizon, and the trunk that they share; before them the sweep that decides their rate.</summary>
    public override IEnumerable<RunDraft> Expand(Run draft, Before before)
    {
        if (Tuning is null) return Lengths(draft, before);
        var sweep = Tuning.Sweep(draft, Alone, before.Naive).ToList();
        return [.. sweep.Select(run => new RunDraft(run, StudyRun.Sweep)), .. Lengths(draft with { Transferred = new(Tuning.RuleInUse, [.. sweep.Select(before.IdOf)]) }, before)];
    }

    private IEnumerable<RunDraft> Lengths(Run draft, Before before)
    {
        var main = Alone;
        var runs = (Horizons ?? []).Where(other => other != Budget).Select(other => new RunDraft(draft with { Stage = main with { Budget = other } }, StudyRun.Horizon)).Append(new(draft with { Stage = main })).ToList();
        if (before.Naive || TrunkStage.Over(main, runs.Select(Length)) is not { } trunk) return runs;
        var shared = draft with { Stage = trunk };
        var id = before.IdOf(shared);
        return runs.Select(run => run with { Branch = trunk.BranchOf(id, Length(run)) }).Prepend(new(shared, StudyRun.Trunk));

        static long Length(RunDraft draft) => draft.Run.Stage.Count(draft.Run).Steps;
    }

    public override bool Measures(string name, long step, long steps) => name.StartsWith(HeldOut, StringComparison.Ordinal) || name.StartsWith(HeldOutMeasure, StringComparison.Ordinal) ? step % Period(steps) == 0 || step == steps : base.Measures(name, step, steps);

    [Description("Denoisers whose loss on held-out text is measured beside the objective's own, by name: validation-loss/NAME.")]
    public IReadOnlyDictionary<string, Denoiser>? Validate { get; init; }

    public override Workload Count(Run run)
    {
        var load = CountAt(run, Objective, InputLength);
        var validations = (load.Steps / Period(load.Steps)) + 1;
        return load with { Extras = load.Extras with { EvaluationFlops = validations * ValidationBatches * load.ForwardFlops * Validated.Count } };
    }

    /// <summary>A number of the cost sheets of a step, which is the mean over the objective's parts.</summary>
    internal double Mean(Run run, Func<CostSheet, double> figure) => Objective.Parts.Sum(part =>
    {
        CostSheet Of((int Inputs, int Targets) one) => part.Objective.Count(ArchitectureOf(run), run.Shape, new(Batch, one.Inputs, one.Targets) { Plain = run.Numbers.Numerics.Plain, Recompute = Recompute });
        return part.Share * part.Objective.Lengths(InputLength).Typical.Average(one => figure(Of(one)));
    });

    /// <summary>Stretches of a corpus are as long as counted; sequences of an objective's own are what they are.</summary>
    public override WorkloadSeen? Look(Run run, Materials materials) => ReadsText ? null
        : Seen(run.Shape, ArchitectureOf(run), materials.LengthsOf($"{Canonical.Hash(Objective)} {InputLength} {Batch} {Accumulate}", () =>
            TaskLengths.Of(PretrainingBatches.Of(new(null, materials.Tokenizer, InputLength), materials.Located(Objective), Batch, seed: 1), Accumulate, LengthsTogether.None)));

    public override IEnumerable<Problem> Problems(Recipe recipe, Materials materials)
    {
        if (recipe.Corpus is null && ReadsText) yield return new(Where, "there is no text to pre-train on", "add a corpus: { files: [...] }");
        foreach (var problem in OptionProblems(Where).Concat(recipe.Shapes.SelectMany(shape => Objective.Problems($"{Where}: objective", recipe.ArchitectureOf(shape))).Distinct())) yield return problem;
        foreach (var problem in WritingProblems(Where, "this architecture", recipe.Writes, Validated.Select(one => one.Objective.Lengths(InputLength)))) yield return problem;
        foreach (var problem in LengthProblems(Where, recipe, Validated.SelectMany(one => one.Objective.Parts).Select(part => part.Objective.Lengths(InputLength)))) yield return problem;
        foreach (var problem in DenoiserProblems($"{Where}: validate", Validate ?? new Dictionary<string, Denoiser>(), InputLength, materials)) yield return problem;
        if (Objective.TrainsMore && (LabelSmoothing, ZWeight) != (0, 0)) yield return new($"{Where}: objective", "it has a loss of its own, in which no label is smoothed and no denominator weighed", "leave label-smoothing and z-weight out, so that what it is compared with has none either");
        foreach (var twice in Validated.GroupBy(one => one.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            yield return new($"{Where}: validate", $"'{twice.Key}' would be measured twice", "give each denoiser a name of its own");
        if (!materials.HasTokenizer) yield break;
        foreach (var problem in Objective.Problems($"{Where}: objective", InputLength, materials.Tokenizer)) yield return problem;
    }

    public override void Prepare(Run run, Desk desk) => PrepareText(run, desk, InputLength, [.. Validated.Select(one => one.Objective)]);

    public override void Execute(Execution execution)
    {
        using var model = Train(execution, execution.Planned.Workload.Steps, []);
        execution.Finish(model);
    }

    /// <summary>Trains to the end of the run as part of a run of this length, keeping the state at these steps for runs that begin there; <paramref name="begin"/> makes the model where it is not one with fresh weights.</summary>
    internal LanguageModel Train(Execution execution, long length, IReadOnlyCollection<long> kept, Func<BatchSource, LanguageModel>? begin = null)
    {
        using var train = ReadsText ? execution.Tokens(Split.Train) : null;
        using var held = ReadsText ? execution.Tokens(Split.Validation) : null;
        var batches = PretrainingBatches.Of(new(train, execution.Tokenizer, InputLength), Objective, Batch, execution.Seed);
        var model = begin?.Invoke(batches) ?? execution.StartingModel(ArchitectureOf(execution.Run));
        using var auxiliary = Objective.Build(model, execution.Tokenizer);
        // The same held-out text, hidden in the same places, for every shape and seed: their losses are comparable.
        var text = new PretrainingText(held, execution.Tokenizer, InputLength) { Split = Split.Validation };
        var validations = Validated.Select(one => (one.Name, Validation: Validation.On(text, one.Objective, Batch, ValidationBatches, one.Objective == Objective ? auxiliary : null))).ToList();
        foreach (var (name, validation) in begin is not null && !execution.GoesOn ? validations : []) execution.Record(name, 0, validation.Loss(model));
        Train(execution, model, batches, auxiliary is null ? Objective.Loss : auxiliary.Loss, (trainer, step) =>
        {
            foreach (var (name, validation) in execution.Measures(HeldOut, step) ? validations : [])
            {
                var (loss, measures) = validation.Measure(model);
                execution.Record(name, step, loss);
                foreach (var (measure, value) in measures) execution.Record($"{HeldOutMeasure}{measure}", step, value);
            }

            if (kept.Contains(step)) execution.Keep(trainer, step);
        }, length, auxiliary);
        return model;
    }

    /// <summary>What is measured on held-out text: the objective, each of its parts where it is a mixture, and what was asked for beside it.</summary>
    private IReadOnlyList<(string Name, Objective Objective)> Validated =>
    [
        (HeldOut, Objective),
        .. Objective.Parts.Where(_ => Objective.Parts.Count > 1).Select(part => ($"{HeldOut}/{part.Name}", part.Objective)),
        .. (Validate ?? new Dictionary<string, Denoiser>()).Select(pair => ($"{HeldOut}/{pair.Key}", (Objective)pair.Value)),
    ];

    private bool ReadsText => ReadsCorpus(Validated.Select(one => one.Objective));

    private long Period(long steps) => ValidateEvery ?? Math.Max(1, steps / 10);
}
