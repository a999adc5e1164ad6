using System.CommandLine;
using System.Runtime.InteropServices;
using Allometry.Backends;

namespace Allometry.Cli.Verbs;

/// <summary>The process in which <c>run</c> executes one run; not for people.</summary>
public static class WorkerVerb
{
    private const string Name = "worker";

    private const string MeasureOption = "--measure";

    /// <summary>How this program starts itself to measure the pace of this machine; the number of threads follows.</summary>
    public static IReadOnlyList<string> StartMeasuring => [.. Start, MeasureOption];

    /// <summary>How this program starts itself as a worker, whether it is an executable or <c>dotnet allometry.dll</c>.</summary>
    public static IReadOnlyList<string> Start { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
        ? [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0], Name]
        : [Environment.ProcessPath!, Name];

    public static Command Command()
    {
        var command = new Command(Name, "Executes one run for another process.") { Hidden = true };
        var measure = new Option<int?>(MeasureOption) { Description = "Measures the pace of this machine with so many threads, whenever a line comes." };
        command.Add(measure);
        command.SetAction(parsed => parsed.GetValue(measure) is { } threads ? Measure(threads) : Run());
        return command;
    }

    private static int Measure(int threads)
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        PaceWorkers.Serve(Console.In, Console.Out, threads);
        return CommandLine.Success;
    }

    private static int Run()
    {
        using var stop = new CancellationTokenSource();
        // A terminal sends Ctrl-C to the children too: they wait for their parent's word.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        new Worker(Console.In, Console.Out, stop).Serve();
        return CommandLine.Success;
    }
}
