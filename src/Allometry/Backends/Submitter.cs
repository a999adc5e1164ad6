using System.Text.Json;
using Allometry.Experiments;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>Puts runs into arrays and submits them: those of like needs together, each after the runs that it waits for.</summary>
internal sealed class Submitter(Launcher launcher, ClusterProfile profile, StudyStore store, Desk desk)
{
    private readonly string name = $"allometry-{store.Fact("name") ?? Path.GetFileName(store.Folder)}";

    private Dictionary<string, StoredRun>? known;
    private int last; // no number twice: what a scheduler took, though its answer got lost, must find nothing

    /// <summary>
    /// Submits as many as the scheduler takes, in order; returns those that it does not take now, and why. <paramref name="open"/> are the tasks of runs that have been submitted and not ended.
    /// </summary>
    public (IReadOnlyList<ClusterRun> Left, string? Why) Submit(IReadOnlyList<ClusterRun> runs, IReadOnlyDictionary<string, ClusterRun> open)
    {
        List<ClusterRun> left = [];
        string? why = null;
        // Runs whose needs are among these come after them: a wave each.
        for (var waiting = runs; waiting.Count > 0 && why is null;)
        {
            var ids = waiting.Select(run => run.Run.Id).ToHashSet();
            var wave = waiting.Where(run => !run.Run.Needs.Any(ids.Contains)).ToList();
            waiting = [.. waiting.Where(run => run.Run.Needs.Any(ids.Contains))];
            foreach (var array in Arrays(wave, open))
            {
                if (why is null) why = Submit(array, left);
                else left.AddRange(array.Runs.Values);
            }
            if (why is not null) left.AddRange(waiting);
        }
        return (left, why);
    }

    private IEnumerable<RunArray> Arrays(IReadOnlyList<ClusterRun> wave, IReadOnlyDictionary<string, ClusterRun> open)
    {
        foreach (var alike in wave.GroupBy(run => Wish(run, open), WishComparer.Instance))
        {
            if (alike.Key.After is not { TaskByTask: true })
            {
                foreach (var part in alike.Chunk(launcher.MostTasks)) yield return new(alike.Key, part.Select((run, index) => (run, index)).ToDictionary(pair => pair.index, pair => pair.run));
                continue;
            }
            // Task i waits for task i: of several runs that wait for the same one each goes into another array.
            var byTask = alike.GroupBy(run => OpenNeeds(run, open).Single().Task!.Value.Task).ToDictionary(group => group.Key, group => group.ToList());
            for (var nth = 0; byTask.Values.Any(runs => runs.Count > nth); nth++)
                yield return new(alike.Key, byTask.Where(pair => pair.Value.Count > nth).ToDictionary(pair => pair.Key, pair => pair.Value[nth]));
        }
    }

    private Wish Wish(ClusterRun run, IReadOnlyDictionary<string, ClusterRun> open)
    {
        var jobs = OpenNeeds(run, open).Select(need => need.Task!.Value.Job).Distinct().Order(StringComparer.Ordinal).ToList();
        return new(profile.ResourcesOf(run.Run, desk.Options.Pace), jobs.Count == 0 ? null : new(jobs, OpenNeeds(run, open).Count() == 1), [.. run.Avoid.Order(StringComparer.Ordinal)]);
    }

    private static IEnumerable<ClusterRun> OpenNeeds(ClusterRun run, IReadOnlyDictionary<string, ClusterRun> open) => run.Run.Needs.Select(need => open.GetValueOrDefault(need)).Where(need => need?.Task is not null).Select(need => need!);

    /// <summary>Why not all of an array was taken; what is left of it goes to <paramref name="left"/>.</summary>
    private string? Submit(RunArray array, List<ClusterRun> left)
    {
        foreach (var run in array.Runs.Values) Order(run);
        var folder = SubmissionFolder.Make(store.Folder, array.Runs.ToDictionary(pair => pair.Key, pair => pair.Value.Run.Id), last);
        last = folder.Number;
        try
        {
            var job = launcher.Submit(new(folder.Folder, name, folder.Mark, [.. array.Runs.Keys], array.Wish.Resources, array.Wish.After, array.Wish.Avoid));
            folder.Submitted(job);
            foreach (var (task, run) in array.Runs) (run.Task, run.TimesMissed, run.IsRunning, run.Submitted) = ((job, task), 0, false, DateTimeOffset.UtcNow);
            return null;
        }
        catch (LauncherBusyException busy)
        {
            Directory.Delete(folder.Folder, recursive: true);
            if (array.Runs.Count == 1)
            {
                left.AddRange(array.Runs.Values);
                return busy.Message;
            }
            // A limit may leave room for some of them.
            var half = array.Runs.Take(array.Runs.Count / 2).ToDictionary();
            var rest = array.Runs.Skip(half.Count).Select(pair => pair.Value);
            var why = Submit(array with { Runs = half }, left);
            left.AddRange(rest);
            return why ?? busy.Message;
        }
        catch
        {
            Directory.Delete(folder.Folder, recursive: true);
            throw;
        }
    }

    /// <summary>Writes down what is to be done, so that a task needs nothing but its run's folder.</summary>
    private void Order(ClusterRun entry)
    {
        var run = entry.Run;
        var job = new WorkerJob(Path.GetFullPath(store.Folder), run.Id, desk.Materials.Folder, desk.Materials.Cache, desk.Options.CheckpointEvery, desk.Options.Pace, run.Branch, run.Until);
        var sweep = run.Run.Transferred?.Sweep.Select(id => Known[id]).ToList() ?? [];
        var last = store.Attempts(run.Id) is [.., var attempt] ? attempt.Number : 0;
        new RunOrder(job, RunRecord.Of(run).ToJson(), sweep, last).Write(entry.Folder);
        foreach (var need in run.Needs) Import(new(store.Folder, need));
        entry.ClaimedBefore = Math.Max(last, entry.Folder.LastClaim);
    }

    private Dictionary<string, StoredRun> Known => known ??= store.Runs().ToDictionary(run => run.Id);

    /// <summary>What was done before, on this machine, for the runs that need it.</summary>
    private void Import(RunFolder need)
    {
        if (need.Decision is not null || store.StateOf(need.Run).State is not (RunState.Done or RunState.Failed)) return;
        need.Import(store.Attempts(need.Run)[^1] with { FromStep = 0 }, store.Measurements(need.Run));
    }

    private sealed record RunArray(Wish Wish, IReadOnlyDictionary<int, ClusterRun> Runs);

    private sealed class WishComparer : IEqualityComparer<Wish>
    {
        public static WishComparer Instance { get; } = new();

        public bool Equals(Wish? a, Wish? b) => a is not null && b is not null && Key(a) == Key(b);

        public int GetHashCode(Wish wish) => Key(wish).GetHashCode(StringComparison.Ordinal);

        private static string Key(Wish wish) => JsonSerializer.Serialize(wish);
    }
}

/// <summary>What an array is submitted with.</summary>
internal sealed record Wish(Resources Resources, JobDependency? After, IReadOnlyList<string> Avoid);
