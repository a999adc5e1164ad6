using System.Diagnostics;
using System.Reflection;
using Allometry.Kinds;

namespace Allometry.Cli;

/// <summary>This program once more, for what must not share a process.</summary>
public static class OwnProcess
{
    /// <summary>Runs a verb that prints one JSON document and reads that.</summary>
    public static T Ask<T>(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // Started as `dotnet allometry.dll`, the process is dotnet's.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(Assembly.GetEntryAssembly()!.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new RunFailedException(string.Join(' ', arguments), $"the process ended with exit code {process.ExitCode}", "what it wrote above says why");
        return Json.Parse<T>(output);
    }
}
