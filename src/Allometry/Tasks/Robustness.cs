using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>What is left of a score when texts are changed.</summary>
/// <param name="Clean">m_c: the metric on the texts as they are.</param>
/// <param name="Perturbed">m_p: on the changed ones, the mean over draws.</param>
/// <param name="Interval">95 % of the ratio over resampled examples; null where none was asked for or most resamples have no ratio.</param>
/// <param name="Majority">What always saying the commonest target scores.</param>
public sealed record RobustnessScore(double Clean, double Perturbed, (double Low, double High)? Interval, double Majority)
{
    /// <summary>1 - (m_c - m_p) / m_c = m_p / m_c; it may exceed 1. Null where m_c is not above 0.</summary>
    public double? Ratio => Clean > 0 ? Perturbed / Clean : null;

    /// <summary>The same above the majority's score, (m_p - c) / (m_c - c): a model near chance has a ratio near 1 whatever is done to its texts. Null where the model is not above it.</summary>
    public double? AboveMajority => Clean > Majority ? (Perturbed - Majority) / (Clean - Majority) : null;
}

/// <summary>Results of a model on a split as it is and changed, in one or more draws; the examples and their order are the same.</summary>
public sealed class Robustness(TaskData data, Split split, TaskResult clean, IReadOnlyList<TaskResult> perturbed)
{
    /// <summary>One of the task's metrics; an example is drawn together with all that was said about it.</summary>
    public RobustnessScore Of(int metric, int resamples) => new(clean.Scores[metric].Value, perturbed.Average(draw => draw.Scores[metric].Value), Interval(data.Task.Metrics[metric], resamples), clean.Scores[metric].Majority);

    private (double Low, double High)? Interval(Metric metric, int resamples)
    {
        List<double> ratios = [];
        for (var resample = 0; resample < resamples; resample++)
        {
            var random = RandomStream.For(0, "robustness", resample);
            int[] rows = [.. Enumerable.Range(0, clean.Examples).Select(_ => random.Below(clean.Examples))];
            var whole = Score(metric, clean, rows);
            if (whole > 0) ratios.Add(perturbed.Average(draw => Score(metric, draw, rows)) / whole);
        }
        if (ratios.Count == 0 || ratios.Count < resamples / 2) return null;
        ratios.Sort();
        return (Quantile(ratios, 0.025), Quantile(ratios, 0.975));
    }

    private double Score(Metric metric, TaskResult result, int[] rows)
    {
        var texts = data.Of(split);
        return metric.Score(Answers.To([.. rows.Select(row => texts[row])], [.. rows.Select(row => result.Predictions[row].Text)], data.Task.Answer.Words));
    }

    private static double Quantile(List<double> sorted, double share)
    {
        var place = share * (sorted.Count - 1);
        var (below, rest) = ((int)place, place - (int)place);
        return sorted[below] + (rest * (sorted[Math.Min(below + 1, sorted.Count - 1)] - sorted[below]));
    }
}
