using System.Diagnostics;

namespace Allometry.Cluster.Tests;

/// <summary>What the tests of this project need of the machine; without it they are skipped and say what is missing.</summary>
public static class Surroundings
{
    /// <summary>The commands of Debian's packages slurm-wlm, slurm-wlm-basic-plugins and munge.</summary>
    private static readonly string[] Slurm = ["munged", "slurmctld", "slurmd", "sbatch"];

    /// <summary>What stands in the way of real Slurm daemons; null where nothing does.</summary>
    public static string? LackForSlurm { get; } = !OperatingSystem.IsLinux() ? "Slurm runs on Linux"
        : Environment.UserName != "root" ? "the daemons of a cluster need root"
        : !Directory.Exists("/sys/fs/cgroup") || !Directory.EnumerateFileSystemEntries("/sys/fs/cgroup").Any() ? "nothing is mounted on /sys/fs/cgroup, which slurmd insists on"
        : Slurm.FirstOrDefault(command => !Has(command)) is { } missing ? $"there is no {missing}: install slurm-wlm, slurm-wlm-basic-plugins and munge"
        : null;

    /// <summary>What stands in the way of ranks that srun starts: Debian's Slurm loads PMIx by a name that only the package for developers has.</summary>
    public static string? LackForPmix { get; } = LackForSlurm ?? (Directory.Exists("/usr/lib") && Directory.EnumerateDirectories("/usr/lib").Any(folder => File.Exists(Path.Combine(folder, "slurm-wlm", "mpi_pmix.so")) && !File.Exists(Path.Combine(folder, "pmix2", "lib", "libpmix.so")))
        ? "Slurm finds no libpmix.so: install libpmix-dev" : null);

    /// <summary>What stands in the way of nodes with networks of their own.</summary>
    public static string? LackForNamespaces { get; } = LackForSlurm ?? (!Has("ip") ? "there is no ip: install iproute2" : Succeeds("unshare", "--net", "true") ? null : "this machine allows no network namespaces");

    /// <summary>What takes minutes and is asked for by name; null where it is.</summary>
    public static string? LackOfPatience { get; } = Environment.GetEnvironmentVariable("ALLOMETRY_CLUSTER_SLOW") == "1" ? null : "it takes minutes: ALLOMETRY_CLUSTER_SLOW=1 runs it";

    /// <summary>Skips a test for which something is missing. Continuous integration counts what ran and what did not, in the file that ALLOMETRY_CLUSTER_LOG names.</summary>
    public static void Require(string? lack)
    {
        if (Environment.GetEnvironmentVariable("ALLOMETRY_CLUSTER_LOG") is { Length: > 0 } log) File.AppendAllText(log, lack is null ? "ran\n" : $"skipped: {lack}\n");
        Assert.SkipWhen(lack is not null, lack ?? "");
    }

    public static bool Has(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin").Any(folder => File.Exists(Path.Combine(folder, command)));

    private static bool Succeeds(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
