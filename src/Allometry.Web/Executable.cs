using System.Diagnostics;
using Allometry.Kinds;

namespace Allometry.Web;

/// <summary>The program itself, started for a verb: what a person can do on the page is what the command line can do, and nothing of it happens in the page's own process.</summary>
internal sealed class Executable(IReadOnlyList<string> program, string folder)
{
    /// <summary>Lines of an error that are told.</summary>
    private const int Told = 12;

    // A study outlives the page: it hears no Ctrl-C of the page's terminal, and nobody has to read what it says.
    private const string Detached = "log=$1; shift; command -v setsid >/dev/null && set -- setsid \"$@\"; exec \"$@\" >\"$log\" 2>&1 </dev/null";

    /// <summary>Runs a verb to its end and gives what it printed; an exit code other than 0 is a <see cref="RunFailedException"/> with what it said.</summary>
    public async Task<string> AskAsync(string[] arguments, CancellationToken stop)
    {
        using var process = Start([.. program, .. arguments], redirected: true);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
        try { await process.WaitForExitAsync(stop); }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return process.ExitCode == 0 ? await output : throw Failed(arguments[0], await error);
    }

    /// <summary>Starts a verb that goes on by itself and returns when <paramref name="begun"/> or, where it ends before that, with what it said.</summary>
    public async Task BeginAsync(string[] arguments, string log, Func<bool> begun, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        using var process = OperatingSystem.IsWindows() ? Start([.. program, .. arguments], redirected: false) : Start(["/bin/sh", "-c", Detached, "sh", log, .. program, .. arguments], redirected: false);
        while (!process.HasExited && !begun()) await Task.Delay(TimeSpan.FromSeconds(0.1), stop);
        if (process.HasExited && process.ExitCode != 0 && !begun()) throw Failed(arguments[0], File.Exists(log) ? await File.ReadAllTextAsync(log, stop) : "");
    }

    private Process Start(string[] words, bool redirected) => Process.Start(new ProcessStartInfo(words[0], words[1..])
    {
        WorkingDirectory = folder,
        RedirectStandardOutput = redirected,
        RedirectStandardError = redirected,
    })!;

    private static RunFailedException Failed(string verb, string said)
    {
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new(verb, lines.Length == 0 ? "it ended without a word" : string.Join('\n', lines.TakeLast(Told)), "");
    }
}
