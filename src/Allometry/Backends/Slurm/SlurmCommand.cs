using System.ComponentModel;
using System.Diagnostics;
using Allometry.Kinds;

namespace Allometry.Backends.Slurm;

/// <summary>One call of one of Slurm's commands. Their pipe formats have been stable from version to version, which their JSON has not.</summary>
internal sealed record SlurmCommand(int Code, string Output, string Error)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public bool Succeeded => Code == 0;

    /// <summary>What it complains of, without its own name.</summary>
    public string Complaint => string.Join("; ", Error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Replace("sbatch: ", "", StringComparison.Ordinal).Replace("error: ", "", StringComparison.Ordinal)).Distinct());

    /// <summary>Runs a command; that there is none is an InputException.</summary>
    public static SlurmCommand Run(string command, params IEnumerable<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            var answered = process.WaitForExit(Patience);
            if (!answered) process.Kill();
            process.WaitForExit();
            return new(process.ExitCode, output.Result, answered ? error.Result : "Socket timed out: it did not answer");
        }
        catch (Win32Exception)
        {
            throw new InputException("slurm", $"there is no {command} on this machine", "run this where jobs are submitted (a login node of the cluster), or leave out --backend slurm");
        }
    }
}
