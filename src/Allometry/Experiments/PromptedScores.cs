using Allometry.Models;
using Allometry.Tasks;
using Allometry.Tasks.Prompts;
using Allometry.Text;

namespace Allometry.Experiments;

/// <summary>Scores a model on data sets through all their templates, and writes down mean, spread and baselines of each.</summary>
internal sealed class PromptedScores(Execution execution, LanguageModel model)
{
    /// <summary>The mean over the original templates of their first metric, on the validation files where there are any, else on those of test.</summary>
    public double Score(PromptedTask set, IReadOnlyList<TaskData> templates)
    {
        execution.Doing($"scoring {set.Name}").Report(0);
        var scored = set.Templates.Zip(templates).Where(pair => pair.First.Original).ToList();
        var results = scored.Select(pair => new Evaluation().Run(model, pair.Second, SplitOf(set), execution.Tokenizer, execution.Stop)).ToList();
        foreach (var metric in results.SelectMany(result => result.Scores).GroupBy(score => score.Metric))
        {
            var spread = TemplateSpread.Of([.. metric.Select(score => score.Value)]);
            Record($"{set.Name}/{metric.Key}", spread.Mean);
            Record($"{set.Name}/{metric.Key}/majority", metric.Average(score => score.Majority));
            foreach (var (name, value) in spread.Beside()) Record($"{set.Name}/{metric.Key}/{name}", value);
            Record($"{set.Name}/{metric.Key}/templates", metric.Count());
        }

        foreach (var ((template, _), result) in scored.Zip(results)) Record($"{set.Name}/template/{template.Name}/{result.Primary.Metric}", result.Primary.Value);
        Record($"{set.Name}/majority", results.Average(result => result.Primary.Majority));
        Record($"{set.Name}/examples", results[0].Examples);
        if (results.Select(result => result.Chance).OfType<double>().ToList() is { Count: > 0 } chances) Record($"{set.Name}/chance", chances.Average());
        return results.Average(result => result.Primary.Value);
    }

    private static Split SplitOf(PromptedTask set) => set.Files.Validation is null ? Split.Test : Split.Validation;

    /// <summary>The plain mean over sets.</summary>
    public void RecordAverage(string name, IReadOnlyList<double> means)
    {
        Record($"{name}/average", means.Average());
        Record($"{name}/examples", means.Count);
    }

    private void Record(string name, double value) => execution.Record(name, execution.Planned.Workload.Steps, value);
}
