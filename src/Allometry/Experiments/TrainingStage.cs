using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>A stage that trains: what all such stages let a person choose.</summary>
public abstract record TrainingStage : Stage
{
    [Description("Sequences of a step, over all its parts."), Range(1, 1_000_000)]
    public int Batch { get; init; } = 128;

    [Description("Parts that a step is computed in, one after the other: less memory for the same step."), Range(1, 1_000_000)]
    public int Accumulate { get; init; } = 1;

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

    protected TrainingOptions Options => new(Optimizer, LearningRate, Schedule, Accumulate, Clip, new LossOptions(LabelSmoothing, ZWeight));

    /// <summary>The run's architecture with this stage's dropout.</summary>
    protected Architecture ArchitectureOf(Run run) => Dropout is { } share ? run.Architecture with { Dropout = share } : run.Architecture;

    /// <summary>What training takes when every sequence has these lengths.</summary>
    protected Workload CountAt(Run run, int inputs, int targets)
    {
        var setting = new Setting(Batch, inputs, targets);
        var architecture = ArchitectureOf(run);
        var sheet = architecture.Count(run.Shape, setting);
        var part = architecture.Count(run.Shape, setting with { Batch = (Batch + Accumulate - 1) / Accumulate });
        var tokens = (long)Batch * (inputs + targets);
        // Weights and gradients in float32, the optimiser's state, and the activations of one part.
        var memory = (8.0 * sheet.Parameters) + Optimizer.StateBytes(sheet.Weights) + part.ActivationBytes;
        return new(
            sheet.Parameters, sheet.NonEmbeddingParameters, Budget.InSteps(tokens, sheet.TrainingFlops, sheet.NonEmbeddingParameters), sheet.TrainingFlops, sheet.ForwardFlops, tokens,
            new(memory, sheet.ActivationBytes, run.Shape.EncoderLayers + run.Shape.DecoderLayers, 0));
    }

    /// <summary>
    /// Trains to the end of the run, going on from the last checkpoint; <paramref name="after"/> looks at the training after each step. <paramref name="length"/> is what the schedule counts with where that is more than the run's steps.
    /// </summary>
    protected void Train(Execution execution, LanguageModel model, BatchSource batches, LossOf loss, Action<Trainer, long>? after = null, long? length = null)
    {
        using var trainer = new Trainer(model, (m, batch, options) => loss(m, batch, options), batches, Options, length ?? execution.Planned.Workload.Steps, execution.Seed);
        execution.Resume(trainer);
        foreach (var step in trainer.Steps().TakeWhile(step => step.Step <= execution.Planned.Workload.Steps))
        {
            execution.Record(step);
            after?.Invoke(trainer, step.Step);
            execution.SaveIfDue(trainer, step.Step);
        }
    }

    protected IEnumerable<Problem> OptionProblems(string where)
    {
        if (Accumulate > Batch) yield return new($"{where}: accumulate", $"a batch of {Batch} has no {Accumulate} parts", "take at most the batch");
        if (LearningRate <= 0) yield return new($"{where}: learning-rate", $"{LearningRate} learns nothing", "give a number above 0");
    }

    /// <summary>The loss of one batch.</summary>
    protected delegate LossTensors LossOf(LanguageModel model, Batch batch, LossOptions options);
}
