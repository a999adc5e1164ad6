using System.Globalization;

namespace Allometry.Web;

/// <summary>How a run is called on the page.</summary>
internal static class RunWords
{
    public static string Of(RunRow run) => string.Join(' ', new[] { run.Shape, Doing(run), Seed(run) });

    /// <summary>Each run's id with the words that tell it from the others.</summary>
    public static IReadOnlyList<(string Label, string Run)> Apart(IReadOnlyList<RunRow> runs)
    {
        Func<RunRow, string>[] parts = [.. new Func<RunRow, string>[] { run => run.Shape, Doing, Seed }.Where(part => runs.Select(part).Distinct().Count() > 1)];
        var labels = runs.Select(run => string.Join(' ', parts.Select(part => part(run)))).ToList();
        return [.. runs.Zip(labels, (run, label) => (labels.Count(other => other == label) == 1 && label.Length > 0 ? label : runs.Count == 1 ? run.Shape : $"{label} {run.Id}".Trim(), run.Id))];
    }

    /// <summary>Such as "fine-tune area from pretrain".</summary>
    public static string Doing(RunRow run) => string.Join(' ', new[] { run.Stage, run.Task, run.From.Length > 0 ? $"from {run.From}" : null }.OfType<string>());

    private static string Seed(RunRow run) => string.Create(CultureInfo.InvariantCulture, $"seed {run.Seed}");

    public static string Time(double seconds) => DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
