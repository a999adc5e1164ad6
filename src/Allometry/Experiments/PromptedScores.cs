using Allometry.Models;
using Allometry.Tasks;
using Allometry.Tasks.Prompts;

namespace Allometry.Experiments;

/// <summary>Scores a model on data sets through all their templates, and writes down mean, spread and baselines of each.</summary>
internal sealed class PromptedScores(Execution execution, LanguageModel model)
{
    /// <summary>The mean over the original templates of their first metric, on the validation files where there are any, else on those of test.</summary>
    public PromptedScore Score(PromptedTask set, IReadOnlyList<TaskData> templates, bool learnt)
    {
        execution.Doing($"scoring {set.Name}").Report(0);
        var scored = set.Templates.Zip(templates).Where(pair => pair.First.Original).ToList();
        var results = scored.Select(pair => new Evaluation().Run(model, pair.Second, set.Scored, execution.Tokenizer, execution.Stop)).ToList();
        foreach (var metric in results.SelectMany(result => result.Scores).GroupBy(score => score.Metric))
        {
            var spread = TemplateSpread.Of([.. metric.Select(score => score.Value)]);
            Record($"{set.Name}/{metric.Key}", spread.Mean);
            Record($"{set.Name}/{metric.Key}/majority", metric.Average(score => score.Majority));
            foreach (var (name, value) in spread.Beside()) Record($"{set.Name}/{metric.Key}/{name}", value);
            Record($"{set.Name}/{metric.Key}/templates", metric.Count());
        }

        foreach (var ((template, _), result) in scored.Zip(results)) Record($"{set.Name}/template/{template.Name}/{result.Primary.Metric}", result.Primary.Value);
        if (results.Average(result => result.Truncated) is > 0 and var truncated) Record($"{set.Name}/truncated", truncated);
        var chances = results.Select(result => result.Chance).OfType<double>().ToList();
        var score = new PromptedScore(results.Average(result => result.Primary.Value), results.Average(result => result.Primary.Majority), chances.Count > 0 ? chances.Average() : null, results[0].Examples);
        Record(set.Name, score, learnt);
        return score;
    }

    /// <summary>The plain mean over sets, beside it those of the majority and, where every set has one, of chance.</summary>
    public void RecordAverage(string name, IReadOnlyList<PromptedScore> sets, bool learnt)
    {
        Record($"{name}/average", sets.Average(set => set.Mean));
        Record(name, new(sets.Average(set => set.Mean), sets.Average(set => set.Majority), sets.All(set => set.Chance is not null) ? sets.Average(set => set.Chance) : null, sets.Sum(set => set.Examples)), learnt);
    }

    private void Record(string name, PromptedScore score, bool learnt)
    {
        Record($"{name}/majority", score.Majority);
        Record($"{name}/examples", score.Examples);
        if (score.Chance is { } chance) Record($"{name}/chance", chance);
        Record($"{name}/learnt", learnt ? 1 : 0);
    }

    private void Record(string name, double value) => execution.Record(name, execution.Planned.Workload.Steps, value);
}

/// <summary>A set's mean over templates, and what who has learnt nothing has.</summary>
internal sealed record PromptedScore(double Mean, double Majority, double? Chance, int Examples);
