using Allometry.Backends.Slurm;
using Allometry.EndToEnd.Tests;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Store;
using Allometry.Text;

namespace Allometry.Cluster.Tests;

/// <summary>A study of runs that nobody trains, in a folder of its own.</summary>
public abstract class SimulatedStudy : IDisposable
{
    static SimulatedStudy() => Catalogue.Add(typeof(SimulatedStage).Assembly);

    protected Folder Folder { get; } = new();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected StudyOutcome Run(Plan plan, StudyStore store, Watcher? watcher = null)
    {
        using var lease = Lease.TryTake(Folder.At("store", "cluster", "coordinator"), TimeSpan.FromSeconds(1));
        var profile = new SlurmProfile { Poll = TimeSpan.FromMilliseconds(200) };
        using var backend = new Backends.Cluster(profile.Launcher(["/no/worker"]), profile, lease!);
        var desk = new Desk(Materials.Open(plan.Recipe, Folder.Path, Folder.Path, new NoWatcher()), watcher ?? new NoWatcher(), new(TimeSpan.FromMinutes(1), Pace: Pace.Assumed(1), Room: profile.RoomFor(1)), TestContext.Current.CancellationToken);
        return new Runner(plan, store, backend, desk).Run();
    }

    protected static void MakeUp(AttemptFiles files, Attempt attempt)
    {
        files.Record(attempt, [.. Enumerable.Range(1, 50).Select(step => new Measurement("loss", 20 * step, 10 / Math.Sqrt(step), 64 * step, step)), new("seconds", 1000, 50), new("a/accuracy", 1000, 0.5)]);
        files.End(attempt, RunState.Done);
    }

    protected static Plan Plan(int shapes, int seeds) => new Recipe(
        "simulated", new EncoderDecoder(), new BytesVocabulary(), [.. Enumerable.Range(1, shapes).Select(i => new Shape(16 * i, 32 * i, 16, 2, 1, 1, 384, $"s{i}"))],
        [new SimulatedStage("pre", First: true), .. ((string[])["a", "b", "c", "d"]).Select(task => new SimulatedStage(task))],
        Seeds: [.. Enumerable.Range(1, seeds).Select(seed => (long)seed)], Threads: 1).Expand(new Numerics(1), 384, file => file);
}
