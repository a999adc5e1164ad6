namespace Allometry.Analysis;

/// <summary>The quality of one shape with one seed; NaN while anything it is the mean of is missing.</summary>
/// <param name="Lacks">The quality names without a number.</param>
public sealed record SeedScore(long Seed, double Quality, IReadOnlyList<string> Lacks)
{
    public string Words => $"seed {Seed} lacks {string.Join(", ", Lacks)}";

    public static IReadOnlyList<SeedScore> All(Study study, IEnumerable<StudyRun> runs) =>
        [.. runs.Where(run => run.IsFineTuning && run.From == study.Start())
            .GroupBy(run => run.Seed).OrderBy(seed => seed.Key).Select(seed => Of(study, seed.Key, [.. seed]))];

    private static SeedScore Of(Study study, long seed, StudyRun[] runs)
    {
        var scores = study.QualityNames.ToDictionary(name => name, name => Score(runs, name));
        var lacks = scores.Where(score => !double.IsFinite(score.Value)).Select(score => score.Key).ToArray();
        return new(seed, scores.Count == 0 ? double.NaN : scores.Values.Average(), lacks);
    }

    /// <summary>A measure by its full name; a task by its own, alone or in a mixture, is the mean of its metrics, as GLUE scores it.</summary>
    private static double Score(StudyRun[] runs, string name)
    {
        if (name.Contains('/')) return runs.Select(run => run.Result(name)).FirstOrDefault(double.IsFinite, double.NaN);
        return runs.Where(run => run.IsDone)
            .Select(run => run.Measures().Where(measure => measure.StartsWith($"{name}/", StringComparison.Ordinal)).Select(run.Result).ToArray())
            .FirstOrDefault(scores => scores.Length > 0)?.Average() ?? double.NaN;
    }
}
