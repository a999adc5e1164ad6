namespace Allometry.Analysis;

/// <summary>A study, its seeds averaged and its yardsticks and costs chosen: what every part of a report reads.</summary>
/// <param name="Main">The yardstick of the answer: the quality; the held-out loss where the study has no tasks.</param>
/// <param name="UnknownCosts">Names in compare.cost that mean nothing here.</param>
/// <param name="Draws">What the shapes' averages could have been with other seeds; empty where seeds are too few to know.</param>
public sealed record Findings(
    Study Study,
    IReadOnlyList<ShapeSummary> Shapes,
    IReadOnlyList<CostAxis> Costs,
    Yardstick Main,
    IReadOnlyList<string> Measures,
    IReadOnlyList<string> UnknownCosts,
    IReadOnlyList<IReadOnlyList<ShapeSummary>> Draws)
{
    /// <summary>With so many draws of other seeds.</summary>
    public static Findings Of(Study study, int draws = Bootstrap.Usual)
    {
        var shapes = study.Shapes().Select(name => ShapeSummary.Of(study, name)).ToArray();
        var costs = study.CostNames.Count == 0 ? CostAxis.Usual : study.CostNames;
        var main = study.QualityNames.Count == 0 ? Yardstick.Loss : Yardstick.Quality(study.QualityNames);
        return new(study, shapes, [.. costs.Select(CostAxis.Find).OfType<CostAxis>()], main,
            [.. study.Measures()], [.. costs.Where(name => CostAxis.Find(name) is null)], Bootstrap.Of(shapes, draws));
    }

    /// <summary>Main first, then every measure where they are several, then the loss; each once, and only where some shape has a number.</summary>
    public IEnumerable<Yardstick> Yardsticks() =>
        new[] { Main }.Concat(Measures.Count > 1 ? Measures.Select(Yardstick.Measure) : []).Append(Yardstick.Loss)
            .DistinctBy(yardstick => yardstick.Name).Where(yardstick => Shapes.Any(shape => yardstick.Of(shape) is not null));

    /// <summary>What the answer is by, downstream where there are tasks, and the held-out loss, upstream; each once.</summary>
    public IReadOnlyList<Yardstick> Sides => [.. new[] { Main, Yardstick.Loss }.Distinct()];

    /// <summary>Whether one held-out loss can be set against another: pre-trainings on different objectives have losses of their own.</summary>
    public bool ComparesLosses => !Study.HasSeveralObjectives();

    public Frontier FrontierOf(Yardstick yardstick, CostAxis cost) => yardstick.Against(cost, Shapes);

    public SeedNoise? Noise(Yardstick yardstick) => SeedNoise.Of(Shapes.Select(yardstick.Of).OfType<Spread>());

    /// <summary>Whether a shape off the frontier cannot be told apart, at 95 %, from the one that beats it; false where the noise of seeds is not known.</summary>
    public bool IsLevel(Yardstick yardstick, Dominated beaten)
    {
        int Seeds(string name) => yardstick.Of(Shapes.Single(shape => shape.Name == name))!.Count;
        return Noise(yardstick) is { } noise && beaten.QualityGap < noise.Resolution(Seeds(beaten.By.Name), Seeds(beaten.Point.Name));
    }

    /// <summary>The majority's score is kept for each metric, and so may chance be; else guessing among the labels has the accuracy one expects, and no other metric that can be told.</summary>
    public Baseline BaselineOf(string measure)
    {
        var task = measure.Split('/')[0];
        var alone = Measures.Count(other => other.Split('/')[0] == task) == 1;
        return new(
            Common($"{measure}/majority") ?? (alone ? Common($"{task}/majority") : null),
            Common($"{measure}/chance") ?? (alone || measure.EndsWith("/accuracy", StringComparison.Ordinal) ? Common($"{task}/chance") : null),
            Common($"{task}/examples"));
    }

    /// <summary>Share of the tokens that fine-tuning on a measure's task computed which were padding.</summary>
    public double? PaddingOf(string measure) =>
        Spread.Of(Study.Runs.Where(run => run.Task == measure.Split('/')[0]).Select(run => run.Result("padding")))?.Mean;

    /// <summary>How often, over the draws, each shape stands on the frontier; null where seeds are too few to know.</summary>
    public IReadOnlyDictionary<string, double>? OnFrontier(Yardstick yardstick, CostAxis cost) =>
        Draws.Count == 0 ? null : Draws.SelectMany(draw => yardstick.Against(cost, draw).Points).CountBy(point => point.Name).ToDictionary(pair => pair.Key, pair => (double)pair.Value / Draws.Count);

    /// <summary>For each shape that has this number, the other one that does as well for less.</summary>
    public IReadOnlyList<Replacement> Replacements(Yardstick yardstick) =>
        [.. Shapes.Where(shape => yardstick.Of(shape) is not null).Select(shape => Replacement.Of(this, yardstick, shape))];

    /// <summary>The rank correlation of low held-out loss with high quality, over the shapes that have both; null of fewer than three, and of losses that cannot be compared.</summary>
    public RankCorrelation? UpstreamDownstream() =>
        !ComparesLosses ? null : RankCorrelation.Of([.. Shapes.Where(shape => shape.Loss is not null && shape.Scores.Quality is not null).Select(shape => (-shape.Loss!.Mean, shape.Scores.Quality!.Mean))]);

    /// <summary>The quality of runs that were fine-tuned from something else than what is compared; null where any part of it is missing.</summary>
    public double? QualityOf(IReadOnlyCollection<StudyRun> fineTuned)
    {
        var parts = Study.QualityNames.Select(name => Spread.Of(fineTuned.Where(run => run.Task == name || name.StartsWith($"{run.Task}/", StringComparison.Ordinal))
            .Select(run => name.Contains('/') ? run.Result(name) : Spread.Of(run.Measures().Select(run.Result))?.Mean ?? double.NaN))?.Mean).ToArray();
        return parts.Length > 0 && parts.All(part => part is not null) ? parts.Average() : null;
    }

    private double? Common(string result) => Spread.Of(Study.Runs.Select(run => run.Result(result)))?.Mean;
}
