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

/// <summary>A stage that trains: what all such stages let a person choose.</summary>
public abstract record TrainingStage : Stage
{
    /// <summary>Dropout starts operations of its own: a layer with it takes as long to start as so many without (docs/measured/time.md).</summary>
    private const double PassesOfDropout = 4;

    [Description("Sequences of a step, over all its parts."), Range(1, 1_000_000)]
    public int Batch { get; init; } = 128;

    [Description("Parts that a step is computed in, one after the other: less memory for the same step."), Range(1, 1_000_000)]
    public int Accumulate { get; init; } = 1;

    [Description("Whether the backward pass computes each layer once more instead of keeping what it needs of all: memory of one layer for the time of one more forward pass.")]
    public bool Recompute { get; init; }

    [Description("How weights change.")]
    public Optimizer Optimizer { get; init; } = new Adafactor();

    [Description("Largest norm of the gradient; 0 does not clip."), Range(0.0, double.MaxValue)]
    public double Clip { get; init; }

    [Description("Share of the target's probability that is spread over the vocabulary."), Range(0.0, 0.999)]
    public double LabelSmoothing { get; init; }

    [Description("Weight of the squared logarithm of the softmax's denominator; T5 trained with 1e-4."), Range(0.0, double.MaxValue)]
    public double ZWeight { get; init; }

    [Description("Share of values set to zero while training; the architecture's where left out. T5 was fine-tuned with 0.1."), Range(0.0, 0.999)]
    public double? Dropout { get; init; }

    public abstract Budget Budget { get; init; }

    public abstract double LearningRate { get; init; }

    public abstract Schedule Schedule { get; init; }

    /// <summary>Sequences of the part of a step that has least.</summary>
    internal int SmallestPart => Batch % LargestPart is > 0 and var rest ? rest : LargestPart;

    private int LargestPart => (Batch + Accumulate - 1) / Accumulate;

    protected internal TrainingOptions Options => new(Optimizer, LearningRate, Schedule, Accumulate, Clip, new LossOptions(LabelSmoothing, ZWeight));

    /// <summary>The run's architecture with this stage's dropout.</summary>
    protected internal Architecture ArchitectureOf(Run run) => Dropout is { } share ? run.Architecture with { Dropout = share } : run.Architecture;

    /// <summary>What training takes when every sequence has these lengths.</summary>
    protected Workload CountAt(Run run, int inputs, int targets) => CountAt(run, [new(1, (inputs, targets), (inputs, targets), (architecture, shape, setting) => architecture.Count(shape, setting))]);

    /// <summary>What training on the examples of an objective takes, each of its parts for its share of them.</summary>
    protected Workload CountAt(Run run, Objective objective, int inputLength) =>
        CountAt(run,
        [
            .. from part in objective.Parts
               let lengths = part.Objective.Lengths(inputLength)
               from typical in lengths.Typical
               select new Portion(part.Share / lengths.Typical.Count, typical, (lengths.Inputs, lengths.Targets), part.Objective.Count),
        ]);

    /// <summary>What training takes when sequences have these lengths, each for a share of them: FLOPs and tokens are their means, memory is that of the largest.</summary>
    private Workload CountAt(Run run, IReadOnlyList<Portion> portions)
    {
        var (architecture, plain, ranks, precision) = (ArchitectureOf(run), run.Numbers.Numerics.Plain, run.Numbers.Numerics.Ranks, run.Numbers.Numerics.Precision);
        var model = architecture.Count(run.Shape, new Setting());
        var sheets = portions.Select(portion => portion.Count(architecture, run.Shape, new Setting(Batch, portion.Typical.Inputs, portion.Typical.Targets) { Plain = plain, Recompute = Recompute })).ToList();
        double Mean(Func<CostSheet, double> figure) => portions.Zip(sheets).Sum(pair => pair.First.Share * figure(pair.Second));
        var tokens = portions.Sum(portion => portion.Share * Batch * (portion.Typical.Inputs + portion.Typical.Targets));
        double Memory(Portion portion)
        {
            var part = new Setting((LargestPart + ranks - 1) / ranks, portion.Longest.Inputs, portion.Longest.Targets) { Plain = plain, Recompute = Recompute };
            return PeakMemory.OfTraining(portion.Count(architecture, run.Shape, part), run.Shape, part, Optimizer, precision, inParts: Accumulate > 1);
        }

        var flops = Mean(sheet => sheet.TrainingFlops);
        return new(
            model.Parameters, model.NonEmbeddingParameters, Budget.InSteps((long)Math.Round(tokens), flops, model.NonEmbeddingParameters), flops, Mean(sheet => sheet.ForwardFlops), tokens,
            new(portions.Max(Memory), Mean(sheet => sheet.ActivationBytes), run.Shape.EncoderLayers + run.Shape.DecoderLayers, 0))
        {
            ActiveParameters = model.ActiveParameters,
        };
    }

    /// <summary>The same with the memory that scoring takes, where that is more.</summary>
    protected Workload WithScoring(Run run, Workload load, IEnumerable<TextTask> tasks)
    {
        var scoring = tasks.Max(task => PeakMemory.OfScoring(run.Architecture, run.Shape, Evaluation.Largest(task), Optimizer));
        return load with { Extras = load.Extras with { MemoryBytes = Math.Max(load.MemoryBytes, scoring) } };
    }

    /// <summary>What training and scoring take when examples have these lengths.</summary>
    protected static WorkloadSeen Seen(Shape shape, Architecture architecture, TaskLengths lengths)
    {
        CostSheet Of(LengthsTogether rows) => architecture.Count(shape, new((int)Math.Ceiling(rows.Rows), (int)Math.Ceiling(rows.Inputs), (int)Math.Ceiling(rows.Targets)));
        var (step, scoring) = (Of(lengths.Step), lengths.Scoring.Rows > 0 ? Of(lengths.Scoring).ForwardFlops : 0);
        var passes = (architecture.Dropout > 0 ? PassesOfDropout : 1) * lengths.Step.Passes;
        return new(step.TrainingFlops, step.ActivationBytes, passes, scoring, lengths.Scoring.Passes);
    }

    /// <summary>
    /// Trains to the end of the run, going on from the last checkpoint; <paramref name="after"/> looks at the training after each step. <paramref name="length"/> is what the schedule counts with where that is more than the run's steps;
    /// <paramref name="auxiliary"/> is trained beside the model.
    /// </summary>
    protected void Train(Execution execution, LanguageModel model, BatchSource batches, LossOf loss, Action<Trainer, long>? after = null, long? length = null, AuxiliaryModule? auxiliary = null)
    {
        model.Recompute = Recompute;
        using var trainer = new Trainer(model, (m, batch, options) => loss(m, batch, options), batches, Options with { LearningRate = execution.LearningRate(LearningRate), Peers = execution.Peers, Observes = step => execution.Measures(StudyRun.Layers, step) }, length ?? execution.Planned.Workload.Steps, execution.Seed, auxiliary);
        execution.Resume(trainer);
        foreach (var step in trainer.Steps().TakeWhile(step => step.Step <= execution.Planned.Workload.Steps))
        {
            execution.Record(step);
            after?.Invoke(trainer, step.Step);
            execution.SaveIfDue(trainer, step.Step);
        }
        trainer.Gather();
    }

    /// <summary>Makes ready the text of a run and tries objectives on it: one for which there is too little of it is an InputException now and not when its run has come.</summary>
    protected void PrepareText(Run run, Desk desk, int inputLength, IReadOnlyList<Objective> objectives)
    {
        foreach (var split in (Split[])[Split.Train, Split.Validation])
        {
            using var tokens = ReadsCorpus(objectives) ? TokenFile.Obtain(run.Corpus!, desk.Materials.Tokenizer, split, desk.Materials.Cache, desk.Doing(Execution.Tokenising(split)), desk.Stop) : null;
            foreach (var objective in objectives) PretrainingBatches.Of(new(tokens, desk.Materials.Tokenizer, inputLength) { Split = split }, objective, Batch, 0);
        }
    }

    protected static bool ReadsCorpus(IEnumerable<Objective> objectives) => objectives.Any(objective => objective.Parts.Any(part => part.Objective.ReadsCorpus));

    /// <summary>What is wrong with denoisers by name, as far as it can be told: without a tokenizer their names.</summary>
    protected static IEnumerable<Problem> DenoiserProblems(string where, IReadOnlyDictionary<string, Denoiser> denoisers, int inputLength, Materials materials)
    {
        foreach (var (_, what, mend) in denoisers.Keys.SelectMany(name => PartName.Check(where, name, "a denoiser"))) yield return new(where, what, mend);
        foreach (var problem in materials.HasTokenizer ? denoisers.SelectMany(line => line.Value.Problems($"{where}: {line.Key}", inputLength, materials.Tokenizer)) : []) yield return problem;
    }

    protected IEnumerable<Problem> OptionProblems(string where)
    {
        if (Accumulate > Batch) yield return new($"{where}: accumulate", $"a batch of {Batch} has no {Accumulate} parts", "take at most the batch");
        if (LearningRate <= 0) yield return new($"{where}: learning-rate", $"{LearningRate} learns nothing", "give a number above 0");
    }

    /// <summary>What an architecture that writes no text cannot learn: targets of other lengths than their inputs.</summary>
    /// <param name="who">The architecture, in words.</param>
    protected static IEnumerable<Problem> WritingProblems(string where, string who, bool writes, IEnumerable<ObjectiveLengths> lengths) => writes || lengths.All(length => length.Inputs == length.Targets) ? []
        : [new($"{where}: objective", $"it asks for text of another length, and {who} writes none", "take an architecture with a decoder, or an objective with a target for each input")];

    /// <summary>What makes no sense in texts of which an objective makes examples of these lengths.</summary>
    protected IEnumerable<Problem> LengthProblems(string where, Recipe recipe, IEnumerable<ObjectiveLengths> lengths) =>
        LengthProblems($"{where}: input-length", recipe, lengths.Select(length => (length.Inputs, length.Targets)), _ => true);

    /// <summary>The same for examples of tasks, which <paramref name="where"/> are named: a model that was pre-trained on long texts may well be taught short ones, unless they harm it.</summary>
    protected IEnumerable<Problem> TaskLengthProblems(string where, Recipe recipe, IEnumerable<(int Inputs, int Targets)> lengths)
    {
        var pretrained = recipe.Protocol.Any(stage => stage.MakesStartingPoint);
        return LengthProblems(where, recipe, lengths, misfit => misfit.Always || !pretrained);
    }

    /// <summary>What makes no sense in examples of these lengths in one of the shapes, nor in what is taught by it.</summary>
    private IEnumerable<Problem> LengthProblems(string named, Recipe recipe, IEnumerable<(int Inputs, int Targets)> lengths, Func<Misfit, bool> told) =>
    [
        .. (from length in lengths
            from shape in recipe.Shapes
            from architecture in new[] { recipe.ArchitectureOf(shape), Taught }.OfType<Architecture>()
            from problem in Misfits(named, architecture, shape, new Setting(SmallestPart, length.Inputs, length.Targets), told)
            select problem).Distinct(),
    ];

    private static IEnumerable<Problem> Misfits(string where, Architecture architecture, Shape shape, Setting setting, Func<Misfit, bool> told)
    {
        var misfits = new List<Problem>();
        var others = Materials.Tried(() => misfits.AddRange(architecture.Count(shape, setting).Misfits.Where(told).Select(misfit => new Problem(where, misfit.What, misfit.Mend))));
        return misfits.Concat(others);
    }

    /// <summary>A share of the sequences, how long they are and the longest of their kind, and how they are counted.</summary>
    private sealed record Portion(double Share, (int Inputs, int Targets) Typical, (int Inputs, int Targets) Longest, Func<Architecture, Shape, Setting, CostSheet> Count);

    /// <summary>The loss of one batch.</summary>
    protected delegate LossTensors LossOf(LanguageModel model, Batch batch, LossOptions options);
}
