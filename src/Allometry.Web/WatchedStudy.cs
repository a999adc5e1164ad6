using System.Diagnostics;
using Allometry.Store;

namespace Allometry.Web;

/// <summary>
/// A study as the page follows it, also while other processes write it. What is known is kept, and only what may have changed is asked again: a look at a store of ten thousand runs that nobody writes costs one question.
/// </summary>
internal sealed class WatchedStudy : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(0.4);

    private readonly Lock gate = new();
    private readonly StudyStore store;
    private readonly StudyLook look;
    private readonly Stopwatch age = new();
    private readonly Dictionary<string, KnownRun> known = [];
    private IReadOnlyList<string> order = [];
    private (int Runs, string? Planned, string? Recipe) asked;
    private long askedAt;
    private (long Version, bool WorkedOn) seen = (-1, false);
    private Standing standing;

    public WatchedStudy(string folder)
    {
        (store, Folder) = (StudyStore.Read(folder), folder);
        look = new(store);
        standing = new(Path.GetFileName(folder), 0, false, null, []);
        Frontier = new(this);
    }

    public string Folder { get; }

    public FrontierPage Frontier { get; }

    /// <summary>Asks the store; one question at a time.</summary>
    public T Ask<T>(Func<StudyStore, StudyLook, T> question)
    {
        lock (gate) return question(store, look);
    }

    /// <summary>How it stands, at most half a second ago.</summary>
    public Standing Now()
    {
        lock (gate)
        {
            if (age.IsRunning && age.Elapsed < Fresh) return standing;
            var now = (look.Version(), StudyStore.IsWorkedOn(Folder));
            if (now != seen || standing.Counts.ContainsKey("running")) standing = Looked(now.Item2);
            seen = now;
            age.Restart();
            return standing;
        }
    }

    public void Dispose()
    {
        lock (gate) store.Dispose();
    }

    private Standing Looked(bool workedOn)
    {
        var version = standing.Version + 1;
        var attempts = look.LastAttempts();
        if (Asked() is var now && (seen.Version < 0 || now != asked)) Learn(now, version);
        foreach (var id in order) known[id] = known[id].At(attempts.GetValueOrDefault(id), look, version);
        var rows = order.Select(id => known[id].Row).ToList();
        var left = Forecast.SecondsLeft(order.Select(id => (known[id].Predicted, known[id].Last)), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
        var next = new Standing(store.Fact("name") ?? Path.GetFileName(Folder), version, workedOn, left, rows) { Asked = askedAt };
        return askedAt < version && rows.All(row => row.Version < version) && workedOn == standing.WorkedOn ? next with { Version = standing.Version } : next;
    }

    /// <summary>What the runs and the answer follow from, but for what is measured.</summary>
    private (int Runs, string? Planned, string? Recipe) Asked() => (look.Runs(), store.Planned, store.Fact("recipe"));

    private void Learn((int Runs, string? Planned, string? Recipe) now, long version)
    {
        (asked, askedAt) = (now, version);
        var current = store.Current();
        foreach (var run in current.AsParallel().Where(run => !known.ContainsKey(run.Id)).Select(run => (run.Id, Known: KnownRun.Of(run))).ToList()) known.Add(run.Id, run.Known);
        order = [.. current.Select(run => run.Id)];
    }
}
