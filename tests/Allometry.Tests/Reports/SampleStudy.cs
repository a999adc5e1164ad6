using Allometry.Analysis;

namespace Allometry.Tests.Reports;

/// <summary>A made-up study that looks like a real one: shapes of like cost, seeds, tasks with controls, a run that diverged.</summary>
public static class SampleStudy
{
    private static readonly (string Name, int Width, int Heads, int Encoder, int Decoder, double Skill)[] Shapes =
    [
        ("wide-2", 256, 4, 1, 1, 0.49), ("wide-4", 192, 6, 2, 2, 0.58), ("even-6", 160, 5, 3, 3, 0.63), ("even-8", 128, 4, 4, 4, 0.66),
        ("deep-12", 112, 4, 6, 6, 0.655), ("deep-16", 96, 3, 8, 8, 0.63), ("encoder-10", 128, 4, 8, 2, 0.67),
    ];

    public static Study ThreeSeeds { get; } = Of(seeds: 3, withFailure: true);
    public static Study OneSeed { get; } = Of(seeds: 1, withFailure: false);

    public static Study Of(int seeds, bool withFailure) => new(
        "Depth against width",
        "name: depth-against-width\narchitecture: t5-1.1\nshapes: [wide-2, wide-4, even-6, even-8, deep-12, deep-16, encoder-10]\nseeds: [1, 2, 3]\n# <angle> & \"quotes\" are only text\n",
        new("AMD EPYC 7B13, 2 cores, 16 GB", "0123456789abcdef0123456789abcdef01234567", "0.1.0", 2, "allometry run recipes/sample/sample.yaml", "Linux x64, .NET 10.0.1"),
        [.. from shape in Enumerable.Range(0, Shapes.Length)
            from seed in Enumerable.Range(1, seeds)
            from run in Runs(shape, seed, withFailure && shape == 5 && seed == 3)
            select run],
        ["tag", "area"], ["parameters", "training-flops", "seconds"], new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    private static IEnumerable<StudyRun> Runs(int shape, int seed, bool diverges)
    {
        yield return Pretraining(shape, seed, diverges);
        foreach (var task in new[] { "tag", "area", "member" })
            foreach (var from in new[] { "pretrain", "scratch" })
                yield return FineTuning(shape, seed, task, from, diverges && from == "pretrain");
    }

    private static StudyRun Pretraining(int shape, int seed, bool diverges)
    {
        var seconds = Math.Round(38 + 3.1 * (Shapes[shape].Encoder + Shapes[shape].Decoder) + 3 * Noise(shape, seed, 1), 2);
        var loss = Math.Round(4.9 - 1.8 * Shapes[shape].Skill + 0.02 * Noise(shape, seed, 2), 4);
        return Run(shape, seed, StudyRun.Pretraining, "", null, seconds) with
        {
            State = diverges ? "failed" : "done",
            Reason = diverges ? "The loss became NaN at step 412; its last good checkpoint is kept." : null,
            Results = diverges ? new Dictionary<string, double>() : new() { ["validation-loss"] = loss, ["tokens-per-second"] = Math.Round(1.2e6 / seconds) },
            Curves = new Dictionary<string, IReadOnlyList<CurvePoint>> { ["loss"] = Curve(loss, seconds, 900, 3, diverges ? 412 : 900, shape, seed), ["validation-loss"] = Curve(loss, seconds, 900, 100, diverges ? 400 : 900, shape, 0) },
        };
    }

    private static StudyRun FineTuning(int shape, int seed, string task, string from, bool skipped)
    {
        var (ease, gain, majority, chance) = task switch { "tag" => (1.0, 0.09, 0.19, 0.1), "area" => (0.8, 0.05, 0.25, 0.125), _ => (0.35, 0.002, 0.031, 0.01) };
        var score = Math.Round(ease * Shapes[shape].Skill - (from == "scratch" ? gain : 0) + 0.012 * Noise(shape, seed, task.Length * 7 + from.Length), 4);
        var results = new Dictionary<string, double> { [$"{task}/accuracy"] = score, [$"{task}/majority"] = majority, [$"{task}/chance"] = chance, [$"{task}/examples"] = 600, ["padding"] = 0.01 * task.Length };
        return Run(shape, seed, StudyRun.FineTuning, from, task, Math.Round(9 + 0.4 * Shapes[shape].Encoder + Noise(shape, seed, 5), 2)) with
        {
            State = skipped ? "skipped" : "done",
            Reason = skipped ? "The pre-training that it starts from has failed." : null,
            Results = skipped ? new Dictionary<string, double>() : results,
        };
    }

    private static StudyRun Run(int shape, int seed, string stage, string from, string? task, double seconds) => new(
        $"{shape:x2}{seed:x2}{stage.Length:x2}{from.Length:x2}{task?.Length ?? 0:x2}5f3a", stage, Shapes[shape].Name, from, task, seed, "done", null, Facts(shape),
        Math.Round(seconds * (1.06 + 0.1 * Noise(shape, 1, 9)), 2), seconds, new Dictionary<string, double>(), new Dictionary<string, IReadOnlyList<CurvePoint>>());

    private static ShapeFacts Facts(int shape)
    {
        var (_, width, heads, encoder, decoder, _) = Shapes[shape];
        var body = (long)encoder * (4 * width * heads * 32 + 3 * width * width * 4) + (long)decoder * (8 * width * heads * 32 + 3 * width * width * 4);
        var parameters = body + 2 * 2048 * width;
        var forward = 2.0 * 16 * (128 + 32) * body / 1.3 + 2.0 * 16 * 32 * 2048 * width;
        return new(
            new Dictionary<string, int>
            {
                ["model-width"] = width,
                ["feed-forward-width"] = width * 4,
                ["head-width"] = 32,
                ["heads"] = heads,
                ["encoder-layers"] = encoder,
                ["decoder-layers"] = decoder,
                ["vocabulary"] = 2048,
            },
            parameters, body, forward, 900 * 3 * forward, 380e6 + 24 * parameters + 5e6 * shape, 330e6 + 22 * parameters);
    }

    private static CurvePoint[] Curve(double final, double seconds, int steps, int every, int last, int shape, int seed) =>
        [.. Enumerable.Range(1, last / every).Select(i => (Step: i * every, Share: (double)i * every / steps)).Select(at => new CurvePoint(
            at.Step, at.Step * 16 * 32, Math.Round(seconds * at.Share, 2), Math.Round(final + 3.6 * Math.Exp(-9 * at.Share) + 1.1 * (1 - at.Share) * (1 - at.Share) + (seed == 0 ? 0 : 0.12 * Noise(shape, seed, at.Step)), 4)))];

    /// <summary>Between -1 and 1, the same everywhere: integers mixed, no library's random numbers.</summary>
    private static double Noise(int a, int b, int c)
    {
        var bits = unchecked((uint)(a * 73856093) ^ (uint)(b * 19349663) ^ (uint)(c * 83492791));
        for (var i = 0; i < 3; i++) bits = unchecked((bits ^ (bits >> 15)) * 0x2c1b3c6d + 0x9e3779b9);
        return bits / (double)uint.MaxValue * 2 - 1;
    }
}
