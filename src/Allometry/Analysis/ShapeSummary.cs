namespace Allometry.Analysis;

/// <summary>One shape, its seeds averaged.</summary>
/// <param name="Facts">Of its pre-training; of its first fine-tuning where the study has no pre-training.</param>
/// <param name="Loss">Held-out loss after pre-training, nats a target token.</param>
/// <param name="Missing">What keeps seeds of it out of the quality, in words.</param>
/// <param name="Repetitions">Its seeds, one by one.</param>
public sealed record ShapeSummary(
    string Name, ShapeFacts Facts, ShapeClock Clock, Spread? Loss, ShapeScores Scores, IReadOnlyList<string> Missing, IReadOnlyList<Repetition> Repetitions)
{
    /// <summary>Encoder and decoder layers together.</summary>
    public int Layers => Dimension("encoder-layers") + Dimension("decoder-layers");

    /// <summary>What it has in common with shapes that differ from it in sizes alone: its architecture, and how it was trained.</summary>
    public string Family { get; init; } = "";

    public int Dimension(string name) => Facts.Dimensions.GetValueOrDefault(name);

    public static ShapeSummary Of(Study study, string name)
    {
        var runs = study.RunsOf(name).ToArray();
        var training = runs.Where(run => run.Stage == study.CostStage()).ToArray();
        var facts = (training.FirstOrDefault() ?? runs[0]).Facts;
        var seeds = SeedScore.All(study, runs);
        var repetitions = Repetition.All(study, runs, seeds);
        return new(
            name,
            facts,
            new(Spread.Of(repetitions.Select(seed => seed.Seconds)), Over(training, "tokens-per-second"), Over(training, "examples-per-second")),
            Over(training.Where(run => run.Stage == StudyRun.Pretraining), "validation-loss"),
            new(Spread.Of(seeds.Select(seed => seed.Quality)), ByMeasure(runs, study.Start()), ByMeasure(runs, study.Control())),
            [.. seeds.Where(seed => seed.Lacks.Count > 0).Select(seed => seed.Words)],
            repetitions)
        {
            Family = facts.Architecture + name[runs[0].Shape.Length..],
        };
    }

    private static Spread? Over(IEnumerable<StudyRun> runs, string result) => Spread.Of(runs.Select(run => run.Result(result)));

    private static Dictionary<string, Spread> ByMeasure(StudyRun[] runs, string? from)
    {
        var spreads = new Dictionary<string, Spread>();
        foreach (var measure in runs.SelectMany(run => run.Measures()).Distinct())
            if (Over(runs.Where(run => run.IsFineTuning && run.From == from), measure) is { } spread) spreads[measure] = spread;
        return spreads;
    }
}
