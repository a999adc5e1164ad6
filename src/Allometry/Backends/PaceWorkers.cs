using System.Diagnostics;
using System.Globalization;
using Allometry.Experiments;
using Allometry.Kinds;

namespace Allometry.Backends;

/// <summary>Measures how fast runs go side by side, in processes as runs do: each measures at the same time as the others.</summary>
public sealed class PaceWorkers : IDisposable
{
    private readonly List<Process> workers;

    private PaceWorkers(List<Process> workers) => this.workers = workers;

    /// <summary>The pace at each of these numbers of runs, the largest last; <paramref name="command"/> starts <see cref="Serve"/>.</summary>
    public static IReadOnlyList<PaceBeside> Measure(IReadOnlyList<string> command, int threads, IReadOnlyList<int> jobs)
    {
        using var all = new PaceWorkers([.. Enumerable.Range(0, jobs[^1]).Select(_ => Start([.. command, threads.ToString(CultureInfo.InvariantCulture)]))]);
        all.workers.ForEach(Warm);
        return [.. jobs.Select(number => new PaceBeside(number, all.Measure(number)))];
    }

    /// <summary>The child's side: a measurement for each line of input; the first, which compiles and loads, tells only what starting takes.</summary>
    public static void Serve(TextReader input, TextWriter output, int threads)
    {
        var calibration = new Calibration(threads);
        try { calibration.Measure(); }
        catch (RunFailedException error) { output.Write(new WorkerMessage { Fatal = error.Problems }.ToJson()); }
        while (true)
        {
            output.WriteLine();
            output.Flush();
            if (input.ReadLine() is null) return;
            output.Write(calibration.Measure().ToJson());
        }
    }

    public void Dispose()
    {
        foreach (var worker in workers)
        {
            worker.Kill();
            worker.Dispose();
        }
    }

    private static Process Start(IReadOnlyList<string> command) =>
        System.Diagnostics.Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static void Warm(Process worker)
    {
        var ready = worker.StandardOutput.ReadLine();
        if (ready is not null && WorkerMessage.Read(ready)?.Fatal is { } problems) throw new RunFailedException(problems);
        if (ready is null)
            throw new RunFailedException("measuring this machine", worker.StandardError.ReadToEnd().Split('\n')[0], "mend that and run the same command again");
    }

    /// <summary>The mean over those that measure at the same time.</summary>
    private Pace Measure(int number)
    {
        var measuring = workers.Take(number).ToList();
        foreach (var worker in measuring)
        {
            worker.StandardInput.WriteLine();
            worker.StandardInput.Flush();
        }
        return Pace.Mean([.. measuring.Select(worker => Pace.FromJson(worker.StandardOutput.ReadLine())
            ?? throw new RunFailedException("measuring this machine", "a process that measures ended early; perhaps the memory was short", "run the same command again, or give --jobs"))]);
    }
}
