using Allometry.Analysis;
using Allometry.Kinds;
using Allometry.Objectives;
using Allometry.Reports;

namespace Allometry.Papers.Ul2;

/// <summary>
/// The paper's question: is one model as good as specialists, each on what it was trained for? Every way of pre-training on every denoiser that all were measured on, as it is and after equally short training on each.
/// </summary>
public sealed record ParetoSection : StudySection
{
    private const string Loss = "validation-loss/", Transfer = "transfer";

    public override Place Place => Place.Stages;

    /// <summary>Null where no shape was pre-trained in several ways, or these were not measured on several denoisers.</summary>
    public override Section? Of(Findings findings)
    {
        var pretrained = findings.Study.Runs.Where(run => run.Stage == StudyRun.Pretraining && run.IsDone).GroupBy(run => run.Name).Select(way => way.ToArray()).ToArray();
        if (pretrained.GroupBy(way => way[0].Shape).All(shape => shape.Count() < 2)) return null;
        var denoisers = pretrained.Select(way => DenoisersOf(way[0])).Aggregate((some, others) => [.. some.Intersect(others)]);
        if (denoisers.Count < 2) return null;
        Way[] ways = [.. pretrained.SelectMany(way => Ways(findings.Study, way, IsSpecialist(way[0])))];
        return new("pareto", "One model for all denoisers", [TableOf(ways, denoisers)], InBrief: true);
    }

    private static IReadOnlyList<string> DenoisersOf(StudyRun run) => [.. run.Results.Keys.Where(name => name.StartsWith(Loss, StringComparison.Ordinal)).Select(name => name[Loss.Length..]).Order(StringComparer.Ordinal)];

    /// <summary>Whether it learns one denoiser alone.</summary>
    private static bool IsSpecialist(StudyRun run) => run.Facts.Objective is { Length: > 0 } objective && Canonical.Parse<Objective>(objective).Parts.Count == 1;

    private static IEnumerable<Way> Ways(Study study, StudyRun[] pretrained, bool isSpecialist)
    {
        var flops = pretrained.Average(run => run.Facts.TrainingFlops);
        yield return new(pretrained[0].Shape, "pre-training", pretrained, isSpecialist, flops);
        StudyRun[] transferred = [.. study.RunsOf(pretrained[0].Name).Where(run => run.Stage == Transfer && run.IsDone && run.From.StartsWith(StudyRun.Pretraining, StringComparison.Ordinal))];
        if (transferred.Length > 0) yield return new(pretrained[0].Shape, "short training on each", transferred, isSpecialist, flops);
    }

    private static Table TableOf(Way[] ways, IReadOnlyList<string> denoisers) => new(
        "pareto", "Held-out loss on each denoiser",
        [
            Column.Words("shape", "Shape"), Column.Words("after", "After"), new("training-flops", "Pre-training", "FLOP"),
            .. denoisers.SelectMany(denoiser => Losses($"loss-{denoiser.ToLowerInvariant()}", denoiser)), .. Losses("mean", $"Mean of {Words.List(denoisers)}"),
            new("behind-mean", "Behind the specialists, mean", Way.Nats), new("behind-most", "at most", Way.Nats), new("seeds", "Seeds"),
        ],
        [.. ways.OrderBy(way => way.After, StringComparer.Ordinal).Select(way => Row(way, [.. ways.Where(other => other.IsSpecialist && (other.Shape, other.After) == (way.Shape, way.After))], denoisers))],
        "Means over seeds with their standard deviation. The specialist on a denoiser is the one with the lowest mean loss there of all ways of the shape that learn a single denoiser; below 0 a way is ahead of it. Ways have equal steps and unlike FLOPs. "
        + "As pre-trained, a specialist also fails on others because it has never seen their format; short training on each takes that away.");

    private static IReadOnlyList<Cell> Row(Way way, Way[] specialists, IReadOnlyList<string> denoisers)
    {
        var mean = way.Mean(denoisers);
        double?[] behind = [.. denoisers.Select(denoiser => way.On(denoiser)?.Mean - specialists.Select(other => other.On(denoiser)?.Mean).Min())];
        return
        [
            Cell.Of(way.Runs[0].Name), Cell.Of(way.After), Cell.Of(way.Flops, Numerals.Flops), .. denoisers.SelectMany(denoiser => Losses(way.On(denoiser))), .. Losses(mean),
            Cell.Of(behind.Contains(null) ? null : behind.Average(), Numerals.SignedScore), Cell.Of(behind.Contains(null) ? null : behind.Max(), Numerals.SignedScore), Cell.Of(mean?.Count, Numerals.Whole),
        ];
    }

    private static IEnumerable<Column> Losses(string name, string title) => [new(name, title, Way.Nats), new($"{name}-sd", "", Shown: Shown.InFiles)];

    private static IEnumerable<Cell> Losses(Spread? loss) => [Cell.Of(loss, Numerals.Score), Cell.Of(loss?.StandardDeviation, Numerals.Score)];

    /// <summary>One way of pre-training a shape, with all its seeds.</summary>
    private sealed record Way(string Shape, string After, StudyRun[] Runs, bool IsSpecialist, double Flops)
    {
        public const string Nats = "nats per target token";

        public Spread? On(string denoiser) => Spread.Of(Runs.Select(run => run.Result(Loss + denoiser)));

        /// <summary>Over the seeds in which every denoiser was measured.</summary>
        public Spread? Mean(IReadOnlyList<string> denoisers) =>
            Spread.Of(Runs.GroupBy(run => run.Seed).Select(seed => denoisers.Average(denoiser => seed.Select(run => run.Result(Loss + denoiser)).FirstOrDefault(double.IsFinite, double.NaN))));
    }
}
