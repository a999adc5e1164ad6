using System.Globalization;
using Allometry.Backends;
using Allometry.EndToEnd.Tests;
using Allometry.Store;

namespace Allometry.Cluster.Tests;

/// <summary>Commands that take jobs and start none, first on the path of this process; what its nodes would do is done by a thread.</summary>
public sealed class FakeSlurm : IDisposable
{
    private readonly Folder state = new();
    private readonly string path = Environment.GetEnvironmentVariable("PATH")!;
    private readonly CancellationTokenSource stop = new();
    private readonly HashSet<string> seen = [];
    private readonly Lock queue = new();
    private Thread? nodes;

    public FakeSlurm(params (string Name, string Value)[] settings)
    {
        Directory.CreateDirectory(state.At("queue"));
        Environment.SetEnvironmentVariable("PATH", $"{Path.Combine(AllometryProcess.Repository, "tests", "cluster", "fake")}:{path}");
        Environment.SetEnvironmentVariable("FAKE_SLURM", state.Path);
        foreach (var (name, value) in settings) Set(name, value);
    }

    public static void Set(string name, string? value) => Environment.SetEnvironmentVariable(name, value);

    /// <summary>How many tasks each job was submitted with.</summary>
    public List<int> Submitted { get; } = [];

    /// <summary>Whether squeue tells which task runs.</summary>
    public bool TellsWhatRuns { get; init; }

    /// <summary>Tasks that were executed.</summary>
    public int Done { get; private set; }

    /// <summary>Executes what is submitted, in the order of the jobs, where what it needs is done.</summary>
    public void StartNodes(Action<AttemptFiles, Attempt> run)
    {
        nodes = new(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var job in Directory.GetFiles(state.At("queue")).Where(file => !file.EndsWith(".new", StringComparison.Ordinal)).OrderBy(file => int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture)))
                    lock (queue) Execute(job, run);
                Thread.Sleep(20);
            }
        });
        nodes.Start();
    }

    /// <summary>What waits comes no more.</summary>
    public void TakeAwayAll()
    {
        lock (queue)
            foreach (var job in Directory.GetFiles(state.At("queue"))) File.Delete(job);
    }

    public void Dispose()
    {
        stop.Cancel();
        nodes?.Join();
        Environment.SetEnvironmentVariable("PATH", path);
        foreach (var name in (string[])["FAKE_SLURM", "FAKE_REFUSAL", "FAKE_MOST", "FAKE_MAX_ARRAY"]) Set(name, null);
        stop.Dispose();
        state.Dispose();
    }

    private void Execute(string job, Action<AttemptFiles, Attempt> run)
    {
        var folder = File.ReadAllText(state.At($"folder-{Path.GetFileName(job)}")).Trim();
        var store = Path.GetFullPath(Path.Combine(folder, "..", ".."));
        if (!File.Exists(job)) return;
        var tasks = File.ReadAllLines(job).ToList();
        if (seen.Add(job)) Submitted.Add(tasks.Count);
        foreach (var task in tasks.ToList())
        {
            if (stop.IsCancellationRequested) return;
            var own = new RunFolder(store, SubmissionFolder.RunOf(folder, int.Parse(task.Split('|')[2], CultureInfo.InvariantCulture)));
            if (own.Decision is not null) // as a real worker finds, where a coordinator came back at the moment at which it ended
            {
                tasks.Remove(task);
                continue;
            }
            var order = RunOrder.Read(own);
            if (!RunOrder.IsReady(order.Planned, store)) continue;
            if (TellsWhatRuns) File.WriteAllLines(job, tasks.Select(other => other == task ? other.Replace("|PENDING|None||", "|RUNNING|None|node7|", StringComparison.Ordinal) : other));
            using var files = AttemptFiles.Claim(store, own.Run, order.Known, order.Sweep);
            run(files, files.Begin(own.Run, 0, "a node", "1"));
            tasks.Remove(task);
            Done++;
        }
        if (tasks.Count == 0) File.Delete(job);
        else if (File.Exists(job)) File.WriteAllLines(job, tasks);
    }

}
