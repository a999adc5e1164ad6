using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What is left of each score when texts are changed: a heat map for each task and metric, and all numbers.</summary>
public sealed record RobustnessSection : StudySection
{
    public override Place Place => Place.Stages;

    /// <summary>The kind of the stage whose numbers are shown.</summary>
    private const string Stage = StudyRun.Robustness;

    /// <summary>Null where no text was changed.</summary>
    public override Section? Of(Findings findings)
    {
        var scored = findings.Study.Runs.Where(run => run.Stage == Stage && run.IsDone && run.Task is not null).ToList();
        if (scored.Count == 0) return null;
        List<Model> models = [.. scored.GroupBy(run => (Shape: run.Name, run.Task, run.From)).Select(group => new Model(group.Key.Shape, group.Key.Task!, group.Key.From, [.. group]))];
        return new("robustness", "When texts are changed", [
            new Paragraph("The ratio is the score on changed texts over the score on the texts as they are; above 1 the change helped. A model that is hardly better than always giving the commonest answer keeps a ratio near 1 whatever is done to its texts, "
                + "so the share of what lies above that baseline stands beside it."),
            .. models.SelectMany(model => model.Metrics.Select(metric => (model.Task, metric))).Distinct().Select(pair => Ratios([.. models.Where(model => model.Task == pair.Task)], pair.Task, pair.metric)),
            new Table("robustness", "Scores on changed texts",
                [
                    Column.Words("shape", "Shape"), Column.Words("from", "From"), Column.Words("task", "Task"), Column.Words("metric", "Metric"), Column.Words("change", "Change"), new("changed", "Texts changed"), new("clean", "As they are"),
                    new("perturbed", "Changed"), new("ratio", "Ratio"), new("low", "95 % from"), new("high", "to"), new("above-majority", "Above majority"), new("seeds", "Seeds"),
                ],
                [.. from model in models from metric in model.Metrics from change in model.Changes select Row(model, metric, change)],
                "Means over seeds. Intervals are of resampled examples, of each seed by itself; what other seeds or other draws would give is not in them."),
        ]);
    }

    private static HeatMap Ratios(IReadOnlyList<Model> models, string task, string metric) => new(
        $"robustness-{task}-{metric}", $"{task} {metric}: what is left", "Shape", "Change", [.. models.Select(model => model.Title)], [.. models.SelectMany(model => model.Changes).Distinct()],
        [.. models.Select(model => (IReadOnlyList<double?>)[.. models.SelectMany(one => one.Changes).Distinct().Select(change => model.Mean($"robustness/{change}/{metric}/ratio"))])], "Score on changed texts over the score on the texts as they are.");

    private static IReadOnlyList<Cell> Row(Model model, string metric, string change)
    {
        Cell Of(string part) => Cell.Of(model.Mean($"robustness/{change}/{metric}/{part}"), Numerals.Score);
        return
        [
            Cell.Of(model.Shape), Cell.Of(model.From), Cell.Of(model.Task), Cell.Of(metric), Cell.Of(change), Cell.Of(model.Mean($"robustness/{change}/changed"), Numerals.Share), Cell.Of(model.Mean($"clean/{metric}/score"), Numerals.Score),
            Of("score"), Of("ratio"), Of("low"), Of("high"), Of("above-majority"), Cell.Of(model.Runs.Count, Numerals.Whole),
        ];
    }

    /// <summary>One shape on one task, over its seeds.</summary>
    private sealed record Model(string Shape, string Task, string From, IReadOnlyList<StudyRun> Runs)
    {
        public string Title => From.Length > 0 ? $"{Shape}, {From}" : Shape;

        public IReadOnlyList<string> Metrics => Parts("clean", 1);

        public IReadOnlyList<string> Changes => Parts("robustness", 1);

        public double? Mean(string name) => Spread.Of(Runs.Select(run => run.Result(name)))?.Mean;

        private string[] Parts(string first, int part) => [.. Runs.SelectMany(run => run.Results.Keys).Select(name => name.Split('/')).Where(parts => parts[0] == first).Select(parts => parts[part]).Distinct().Order(StringComparer.Ordinal)];
    }
}
