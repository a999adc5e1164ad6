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
    public static IReadOnlyList<string> Start => [.. Itself, Name];

    /// <summary>How this program starts itself.</summary>
    public static IReadOnlyList<string> Itself { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
        ? [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]]
        : [Environment.ProcessPath!];

    public static Command Command()
    {
        var command = new Command(Name, "Executes one run for another process.") { Hidden = true };
        var measure = new Option<int?>(MeasureOption) { Description = "Measures the pace of this machine with so many threads, whenever a line comes." };
        command.Add(measure);
        var submission = new Option<string?>("--submission") { Description = "The folder of a submission to a cluster, of which it executes a task." };
        var task = new Option<int>("--task") { Description = "Which task of the submission." };
        command.Add(submission);
        command.Add(task);
        var code = new Option<string?>("--code") { Description = "Where the first of several processes writes the exit code of all." };
        command.Add(code);
        command.SetAction(parsed => parsed.GetValue(measure) is { } threads ? Measure(threads) : parsed.GetValue(submission) is { } folder ? Serve(folder, parsed.GetValue(task), parsed.GetValue(code)) : Run());
        return command;
    }

    private static int Serve(string submission, int task, string? code)
    {
        using var stop = new CancellationTokenSource();
        void Save(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }

        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Save);
        using var user = OperatingSystem.IsLinux() ? PosixSignalRegistration.Create((PosixSignal)UserSignal, Save) : null;
        return ClusterWorker.Serve(submission, task, code, stop);
    }

    // SIGUSR1 on Linux (signal(7)): what a scheduler sends before the time limit; .NET takes raw numbers too.
    private const int UserSignal = 10;

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
