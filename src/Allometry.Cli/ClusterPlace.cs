using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Allometry.Backends;
using Allometry.Backends.Slurm;
using Allometry.Cli.Verbs;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Cli;

/// <summary>Where runs go that do not stay on this machine: the options that say so, and the coordinator that looks after them.</summary>
public static class ClusterPlace
{
    /// <summary>How often a coordinator shows that it lives.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    public static Option<string> BackendOption()
    {
        var backend = new Option<string>("--backend") { Description = "local: processes of this machine; slurm: jobs of a cluster.", DefaultValueFactory = _ => "local" };
        backend.AcceptOnlyFromAmong("local", "slurm");
        return backend;
    }

    public static Option<string?> ProfileOption() => new("--profile") { Description = "What runs get on the cluster (.yaml, kind: slurm).", HelpName = "FILE" };

    /// <summary>The profile of another backend than local; null for local.</summary>
    public static ClusterProfile? Profile(string backend, string? file)
    {
        if (backend == "local") return file is null ? null : throw new InputException("--profile", "runs of the local backend need none", "add --backend slurm, or leave it out");
        return file is null ? new SlurmProfile() : Reader.ReadFile<ClusterProfile>(file);
    }

    /// <summary>Makes this process the study's only coordinator.</summary>
    public static Lease Take(string store)
    {
        Directory.CreateDirectory(SubmissionFolder.Root(store));
        return Lease.TryTake(LeaseOf(store), Beat) ?? throw new InputException(store, "another coordinator works on this study", "wait until it has ended, or stop it: allometry cancel " + store);
    }

    /// <summary>Whether a cluster has been given this study.</summary>
    public static bool Has(string store) => Directory.Exists(SubmissionFolder.Root(store));

    /// <summary>Whether a coordinator lives, on whatever machine.</summary>
    public static bool IsLookedAfter(string store) => Lease.HolderOf(LeaseOf(store), Beat) is not null;

    /// <summary>Takes the jobs away that wait; those that run see the wish in the folder.</summary>
    public static void CancelWaiting(string store)
    {
        var jobs = SubmissionFolder.All(store).Select(submission => submission.JobName).OfType<string>().ToList();
        if (jobs.Count > 0) new SlurmProfile().Launcher([]).Cancel(jobs, onlyWaiting: true);
    }

    /// <summary>Starts the same command as a process of its own that outlives this terminal, and waits until it has begun or failed.</summary>
    public static int Detach(string store, IReadOnlyList<string> arguments)
    {
        Directory.CreateDirectory(SubmissionFolder.Root(store));
        var log = Path.Combine(SubmissionFolder.Root(store), "coordinator.log");
        var before = LengthOf(log);
        using var process = Process.Start(new ProcessStartInfo("setsid", ["nohup", "/bin/sh", "-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, .. WorkerVerb.Itself, .. arguments]) { RedirectStandardError = true })!;
        while (!Lease.IsHeldBy(LeaseOf(store), process.Id) || LengthOf(log) == before) // setsid, nohup and sh become the coordinator one after the other
        {
            if (!process.WaitForExit(100)) continue;
            if (File.Exists(log)) Console.Error.Write(Encoding.UTF8.GetString(File.ReadAllBytes(log).AsSpan((int)before)));
            return process.ExitCode;
        }
        Console.WriteLine($"The coordinator goes on without this terminal and writes into {log}.");
        Console.WriteLine($"allometry status {store} shows how it stands, allometry cancel {store} stops it; should it die, the same command comes back to what was submitted.");
        return CommandLine.Success;
    }

    private static long LengthOf(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;

    private static string LeaseOf(string store) => Path.Combine(SubmissionFolder.Root(store), "coordinator");
}
