using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Allometry.Experiments;

namespace Allometry.Backends;

/// <summary>A worker as its parent sees it. A thread reads what it tells; the last thing is null, when it has ended.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int LinesKept = 20;

    private readonly Process process;
    private readonly Queue<string> errors = new();
    private readonly Thread listening;

    public WorkerProcess(IReadOnlyList<string> command, PlannedRun run, WorkerJob job, Action<WorkerProcess, WorkerMessage?> hear)
    {
        Run = run;
        process = new()
        {
            StartInfo = new(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginErrorReadLine();
        Say(JsonSerializer.Serialize(job));
        listening = new(() => Listen(hear)) { IsBackground = true };
        listening.Start();
    }

    public PlannedRun Run { get; }

    /// <summary>How the run ended, in the worker's own words.</summary>
    public RunEnd? End { get; set; }

    /// <summary>Why a worker ended that did not say how its run did.</summary>
    public string LastWords() => $"its process ended early: {Signal(process.ExitCode)}{(errors.FirstOrDefault(line => line.Length > 0) is { } line ? $" ({line})" : "")}";

    public void Stop() => Say(Worker.Stop);

    public void Kill()
    {
        try { process.Kill(); }
        catch (InvalidOperationException) { } // it has ended by itself
    }

    public bool HasEndedWithin(TimeSpan time) => process.WaitForExit(time);

    /// <summary>The thread that listens asks the process up to its end.</summary>
    public void Dispose()
    {
        if (listening.Join(TimeSpan.FromSeconds(10))) process.Dispose();
    }

    private void Say(string line)
    {
        try
        {
            process.StandardInput.WriteLine(line);
            process.StandardInput.Flush();
        }
        catch (IOException) { } // it has ended, which is told apart from this
    }

    private void Listen(Action<WorkerProcess, WorkerMessage?> hear)
    {
        while (process.StandardOutput.ReadLine() is { } line)
            if (WorkerMessage.Read(line) is { } message) hear(this, message);
        process.WaitForExit();
        hear(this, null);
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        errors.Enqueue(line);
        while (errors.Count > LinesKept) errors.Dequeue();
    }

    // 128 and the number of the signal, as .NET and shells tell it on Unix.
    private static string Signal(int code) => code switch
    {
        134 => "it was aborted, which libtorch does where it finds an error late",
        137 => "it was killed; where nobody did that, the memory was short",
        139 => "it touched memory that is not its own",
        _ => string.Create(CultureInfo.InvariantCulture, $"exit code {code}"),
    };
}
