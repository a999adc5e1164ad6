using System.Text.Json;
using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>A study in a folder of its own, run locally or on a test cluster, and what can be seen of it from outside.</summary>
public sealed class Study : IDisposable
{
    public const string Profile = "kind: slurm\ncores: 1\nmemory: 500M\ntime: 10m\npoll: 100ms\n";

    /// <summary>Leaves one of the recipe's shapes.</summary>
    public static readonly (string, string) OneShape = ("\n  - { name: deep, model-width: 32, feed-forward-width: 64, head-width: 16, heads: 2, encoder-layers: 2, decoder-layers: 2 }", "");

    /// <summary>One pre-training, long enough to be disturbed, and a fine-tuning from it.</summary>
    public static readonly (string, string)[] Pair = [("steps: 60", "steps: 400"), ("from: [pretrain, scratch]", "from: [pretrain]"), OneShape];

    /// <summary>The pre-training of <see cref="Pair"/> alone.</summary>
    public static readonly (string, string)[] Pretraining = [Pair[0], OneShape, (FineTuning("  - kind: fine-tune", "seeds:"), ""), (FineTuning("compare:", "\n"), "")];

    private readonly Folder folder = new();

    private readonly Script? cluster;

    /// <param name="cluster">The one that its commands see; null: none.</param>
    public Study(Script? cluster, string profile = Profile, params (string Old, string New)[] changes)
    {
        this.cluster = cluster;
        folder.Write("profile.yaml", profile);
        folder.Recipe(changes);
    }

    public string Store => folder.At(".allometry", "smoke");

    public string Path => folder.Path;

    public IReadOnlyList<string> Results => EndToEnd.Tests.Results.Of(Store);

    /// <summary>The options of `run` on the cluster.</summary>
    public static string[] OnCluster { get; } = ["run", "recipe.yaml", "--backend", "slurm", "--profile", "profile.yaml"];

    public string At(string name) => folder.At(name);

    public AllometryProcess Start(params string[] more) => AllometryProcess.StartWith(cluster?.Environment ?? [], folder.Path, [.. OnCluster, .. more]);

    public Ended Run(params string[] more)
    {
        using var process = Start(more);
        return process.Wait();
    }

    public Ended RunLocally() => Do("run", "recipe.yaml");

    public Ended Do(params string[] arguments)
    {
        using var process = AllometryProcess.StartWith(cluster?.Environment ?? [], folder.Path, arguments);
        return process.Wait();
    }

    /// <summary>The tasks that train, as Slurm names them, once their first measurements are written.</summary>
    public IReadOnlyList<(string Run, string Task)> Training() =>
    [
        .. from submission in Folders(System.IO.Path.Combine(Store, "cluster"))
           where File.Exists(System.IO.Path.Combine(submission, "job"))
           from task in JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(submission, "tasks.json"))).RootElement.GetProperty("Runs").EnumerateObject()
           let run = task.Value.GetString()!
           where Folders(System.IO.Path.Combine(Store, "runs", run)).Any(attempt => File.Exists(System.IO.Path.Combine(attempt, "measurements.jsonl")) && !File.Exists(System.IO.Path.Combine(attempt, "ended.json")))
           select (run, $"{File.ReadAllText(System.IO.Path.Combine(submission, "job"))}_{task.Name}"),
    ];

    /// <summary>How many tasks each submission had.</summary>
    public IReadOnlyList<int> Submissions() =>
        [.. Folders(System.IO.Path.Combine(Store, "cluster")).Select(submission => JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(submission, "tasks.json"))).RootElement.GetProperty("Runs").EnumerateObject().Count())];

    /// <summary>The processes that compute the tasks that run, without the scripts and commands that have started them.</summary>
    public IReadOnlyList<int> Workers() =>
    [
        .. from folder in Directory.EnumerateDirectories("/proc")
           let id = int.TryParse(System.IO.Path.GetFileName(folder), out var number) ? number : 0
           where id > 0 && CommandOf(id) is { } command && command.StartsWith(AllometryProcess.Executable + "\0", StringComparison.Ordinal) && command.Contains("\0--submission\0" + Store, StringComparison.Ordinal)
           select id,
    ];

    /// <summary>The one process that trains, standing still past its first measurements.</summary>
    public int HoldInTraining(Action<Func<bool>> until) => Hold(until, 1, () => true).Single();

    /// <summary>The one process that trains, standing still past its first checkpoint.</summary>
    public int HoldAtCheckpoint(AllometryProcess process) => Hold(process.Until, 1, () => States() == 1).Single();

    /// <summary>The processes that compute the one run that trains, standing still past a point and before its end, so that what is done to them comes in mid-training however fast the machine is.</summary>
    public IReadOnlyList<int> Hold(Action<Func<bool>> until, int ranks, Func<bool> isPast)
    {
        until(() => Training().Count == 1 && Workers().Count == ranks);
        var workers = Workers();
        until(isPast);
        foreach (var worker in workers) Signals.Send(worker, Signals.Stop);
        Assert.Single(Training());
        return workers;
    }

    /// <summary>What tasks have said.</summary>
    public IReadOnlyList<string> Logs() => [.. Directory.EnumerateFiles(System.IO.Path.Combine(Store, "cluster"), "*.log", SearchOption.AllDirectories).Select(File.ReadAllText)];

    /// <summary>How many runs have a checkpoint at this moment.</summary>
    public int States()
    {
        try { return Directory.EnumerateDirectories(System.IO.Path.Combine(Store, "artifacts"), "state", SearchOption.AllDirectories).Count(); }
        catch (DirectoryNotFoundException) { return 0; } // one was moved away while it was looked for
    }

    /// <summary>The most attempts that were claimed at one run.</summary>
    public int Claims() => Folders(System.IO.Path.Combine(Store, "runs")).Select(run => Directory.EnumerateFiles(run, "claim-*").Count()).DefaultIfEmpty(0).Max();

    /// <summary>Files of this name of all attempts of this number.</summary>
    public string[] Told(int attempt, string name) => [.. Folders(System.IO.Path.Combine(Store, "runs")).Select(run => System.IO.Path.Combine(run, $"{attempt:0000}", name)).Where(File.Exists)];

    public void Dispose() => folder.Dispose();

    /// <summary>A part of the recipe that fine-tunes or compares what was fine-tuned.</summary>
    private static string FineTuning(string from, string to)
    {
        var start = Folder.Smoke.IndexOf(from, StringComparison.Ordinal);
        return Folder.Smoke[start..Folder.Smoke.IndexOf(to, start, StringComparison.Ordinal)];
    }

    private static string? CommandOf(int process)
    {
        try { return File.ReadAllText($"/proc/{process}/cmdline"); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { return null; }
    }

    private static IEnumerable<string> Folders(string folder) => Directory.Exists(folder) ? Directory.EnumerateDirectories(folder) : [];
}
