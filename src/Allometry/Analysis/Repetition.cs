namespace Allometry.Analysis;

/// <summary>One seed of one shape; NaN where it has no such number.</summary>
/// <param name="Loss">Held-out loss after pre-training, nats a target token.</param>
/// <param name="Quality">Mean of what the recipe compares by.</param>
/// <param name="Seconds">Training time of the stage whose time is the cost of a shape.</param>
public sealed record Repetition(long Seed, double Loss, double Quality, double Seconds)
{
    internal static IReadOnlyList<Repetition> All(Study study, StudyRun[] runs, IReadOnlyList<SeedScore> scores) =>
        [.. runs.GroupBy(run => run.Seed).OrderBy(seed => seed.Key).Select(seed => new Repetition(
            seed.Key,
            Spread.Of(seed.Where(run => run.Stage == StudyRun.Pretraining).Select(run => run.Result("validation-loss")))?.Mean ?? double.NaN,
            scores.FirstOrDefault(score => score.Seed == seed.Key)?.Quality ?? double.NaN,
            SecondsOf(seed.Where(run => run.Stage == study.CostStage()))))];

    private static double SecondsOf(IEnumerable<StudyRun> training) => training.Select(run => run.IsDone ? run.MeasuredSeconds ?? double.NaN : double.NaN).DefaultIfEmpty(double.NaN).Sum();
}
