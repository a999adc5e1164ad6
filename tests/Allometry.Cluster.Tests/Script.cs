using System.Diagnostics;
using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>One of the scripts under tests/cluster, with the folder of its cluster.</summary>
public sealed class Script(string name, string root, params (string Name, string Value)[] settings)
{
    public string Path { get; } = System.IO.Path.Combine(AllometryProcess.Repository, "tests", "cluster", name);

    /// <summary>By which a process sees the cluster.</summary>
    public IEnumerable<(string Name, string Value)> Environment => [("CLUSTER_ROOT", root), ("SLURM_CONF", System.IO.Path.Combine(root, "slurm.conf")), .. settings];

    /// <summary>Runs it to its end; what it says where it fails is the test's failure.</summary>
    public string Run(params string[] arguments) => Run(Path, arguments);

    /// <summary>Runs a command that sees the cluster.</summary>
    public string Run(string command, string[] arguments, bool mayFail = false)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (variable, value) in Environment) start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        // Daemons inherit the pipes: they are read until the script itself ends, not until everybody has closed them.
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(5)), $"{command} does not end");
        Task.WaitAll([output, error], TimeSpan.FromSeconds(5));
        Assert.True(mayFail || process.ExitCode == 0, $"{command} {string.Join(' ', arguments)} ended with {process.ExitCode}: {(error.IsCompleted ? error.Result : "")}");
        return output.IsCompleted ? output.Result : "";
    }
}
