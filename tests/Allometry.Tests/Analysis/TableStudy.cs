using Allometry.Analysis;

namespace Allometry.Tests.Analysis;

/// <summary>A study written down as a table: what each shape costs and what each of its seeds reached.</summary>
internal static class TableStudy
{
    internal sealed record Line(string Name, double Parameters, double Flops, double Memory, (double Loss, double Quality, double Seconds)[] Seeds)
    {
        /// <summary>Encoder and decoder layers each, model width, feed-forward width, heads.</summary>
        public (int Layers, int Width, int FeedForward, int Heads) Dimensions { get; init; } = (1, 64, 256, 4);
    }

    public static Study Of(params Line[] lines) => new(
        "table", "", new("a machine", "commit", "0", 1, "allometry run table.yaml", "a platform"),
        [.. lines.SelectMany(line => line.Seeds.Index().SelectMany(seed => Runs(line, seed.Index + 1, seed.Item)))],
        ["task"], [], DateTimeOffset.UnixEpoch);

    private static IEnumerable<StudyRun> Runs(Line line, int seed, (double Loss, double Quality, double Seconds) reached)
    {
        StudyRun Run(string stage, string? task, double seconds, string result, double value) => new(
            $"{line.Name}-{seed}-{stage}", stage, line.Name, task is null ? "" : "pretrain", task, seed, "done", null, Facts(line), seconds, seconds,
            new Dictionary<string, double> { [result] = value }, new Dictionary<string, IReadOnlyList<CurvePoint>>());
        yield return Run(StudyRun.Pretraining, null, reached.Seconds, "validation-loss", reached.Loss);
        yield return Run(StudyRun.FineTuning, "task", 1, "task/accuracy", reached.Quality);
    }

    private static ShapeFacts Facts(Line line) => new(
        new Dictionary<string, int>
        {
            ["model-width"] = line.Dimensions.Width,
            ["feed-forward-width"] = line.Dimensions.FeedForward,
            ["head-width"] = 16,
            ["heads"] = line.Dimensions.Heads,
            ["encoder-layers"] = line.Dimensions.Layers,
            ["decoder-layers"] = line.Dimensions.Layers,
        },
        (long)line.Parameters, (long)line.Parameters, line.Flops / 1000, line.Flops, 0, line.Memory);
}
