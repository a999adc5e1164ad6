using System.ComponentModel;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Stranger.Tests;

/// <summary>Trains the model before it further on the same text, with another objective.</summary>
[Kind("continue"), Description("Trains the model before it further on the corpus.")]
public sealed record ContinueStage(
    [Description("What is predicted of the text.")] Objective Objective,
    [Description("When to stop.")] Budget Budget,
    [Description("Peak learning rate.")] double LearningRate = 0.001,
    [Description("Tokens of an input.")] int InputLength = 64) : TrainingStage
{
    public override Budget Budget { get; init; } = Budget;

    public override double LearningRate { get; init; } = LearningRate;

    public override Schedule Schedule { get; init; } = new Constant();

    public override bool MakesStartingPoint => true;

    public override IEnumerable<Run> Expand(Run draft, string? before) => [draft with { Stage = this, Needs = before is null ? [] : [before] }];

    public override Workload Count(Run run)
    {
        var lengths = Objective.Lengths(InputLength);
        return CountAt(run, lengths.Inputs, lengths.Targets);
    }

    public override void Execute(Execution execution)
    {
        using var tokens = TokenFile.Obtain(execution.Run.Corpus!, execution.Tokenizer, Split.Train, execution.Cache, execution.Doing("tokenising"), execution.Stop);
        var segments = new Segments(tokens, Objective.Lengths(InputLength).Raw, execution.Seed);
        using var model = execution.StartingModel(ArchitectureOf(execution.Run));
        Train(execution, model, new PretrainingBatches(segments, Objective, execution.Tokenizer, Batch, execution.Seed), Objective.Loss);
        execution.Finish(model);
    }
}
