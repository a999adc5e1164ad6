using System.Diagnostics;
using Allometry.Experiments;
using Allometry.Store;

namespace Allometry.Cli.Progress;

/// <summary>Progress as sentences; heirs decide how often and where they appear.</summary>
public abstract class ShownWatcher : Watcher, IDisposable
{
    private readonly Stopwatch sinceShown = Stopwatch.StartNew();
    private readonly Stopwatch sinceStudy = Stopwatch.StartNew();
    private readonly SortedDictionary<string, string> running = new(StringComparer.Ordinal);
    private StudyProgress? study;

    /// <summary>How long what is shown may stay as it is.</summary>
    protected abstract TimeSpan Every { get; }

    public override void Preparing(string what, double? share)
    {
        if (IsDue()) Show(null, [share is { } part ? $"{what}: {Figures.Percent(part)}" : what]);
    }

    public override void Noted(string what) => Tell(what);

    public override void Started(StudyProgress study)
    {
        this.study = study;
        sinceStudy.Restart();
        if (study.Done < study.Total) Tell($"{study.Total} runs, {study.Done} done; about {Figures.Time(study.Left)} to go");
    }

    public override void RunStarted(PlannedRun run, long fromStep)
    {
        if (fromStep > 0) Tell($"{run}: goes on from step {fromStep}");
    }

    public override void Doing(PlannedRun run, string what, double share)
    {
        running[run.ToString()] = share > 0 ? $"{what}: {Figures.Percent(share)}" : what;
        ShowRunning();
    }

    public override void Stepped(PlannedRun run, RunProgress progress)
    {
        running[run.ToString()] = OfRun(progress);
        ShowRunning();
    }

    public override void RunEnded(PlannedRun run, RunState state, string? reason, StudyProgress study)
    {
        this.study = study;
        running.Remove(run.ToString());
        sinceStudy.Restart();
        Tell($"{run}: {state.ToString().ToLowerInvariant()}{(reason is null ? "" : $" ({reason})")}; {OfStudy(study)}");
    }

    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Something that stays to be read.</summary>
    protected abstract void Tell(string line);

    /// <summary>Something that the next call replaces: a line each for what goes on side by side.</summary>
    protected abstract void Show(string? study, IReadOnlyList<string> runs);

    private void ShowRunning()
    {
        if (IsDue()) Show(study is null ? null : OfStudy(study), [.. running.Select(run => $"{run.Key}: {run.Value}")]);
    }

    private string OfStudy(StudyProgress progress)
    {
        var left = progress.Left - sinceStudy.Elapsed;
        return $"{progress.Done} of {progress.Total} runs done, about {Figures.Time(left > TimeSpan.Zero ? left : TimeSpan.Zero)} left";
    }

    private static string OfRun(RunProgress p) =>
        $"step {p.Step} of {p.Steps}, loss {p.Loss.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture)}, {Figures.Short(p.TokensPerSecond)} tokens/s"
        + (double.IsFinite(p.ShareOfPeak) ? $", {Figures.Percent(p.ShareOfPeak)} of the product peak" : "") + $", {Figures.Time(p.Left)} left";

    private bool IsDue()
    {
        if (sinceShown.Elapsed < Every) return false;
        sinceShown.Restart();
        return true;
    }
}
