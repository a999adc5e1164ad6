using System.Text.Json;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Native;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>
/// The child's side of <see cref="Processes"/>: executes the one run that it is told on its input, and tells on its output how that goes. It lives no longer than its parent,
/// whose end closes its input.
/// </summary>
public sealed class Worker(TextReader input, TextWriter output, CancellationTokenSource stop)
{
    /// <summary>The line that asks a worker to save and end.</summary>
    internal const string Stop = "stop";

    public void Serve()
    {
        if (input.ReadLine() is not { } job) return;
        new Thread(Listen) { IsBackground = true }.Start();
        Attempt(JsonSerializer.Deserialize<WorkerJob>(job)!);
    }

    private void Listen()
    {
        while (input.ReadLine() is { } line)
            if (line == Stop) stop.Cancel();
        // Nobody is left to tell: what is saved is for whoever starts the study again, and two must not go on with it.
        System.Diagnostics.Process.GetCurrentProcess().Kill();
    }

    private void Attempt(WorkerJob job)
    {
        try
        {
            Libtorch.EnsureLoaded(); // without it no run gets anywhere
            using var store = StudyStore.Join(job.Store);
            var run = RunRecord.FromJson(store.Runs().Single(run => run.Id == job.Run).Description).Planned(job.Run) with { Branch = job.Branch, Until = job.Until };
            var materials = Materials.Reopen(run.Run.Vocabulary, job.Folder, job.Cache);
            var end = RunAttempt.Make(run, store, new(materials, new TellingWatcher(Tell), new(job.CheckpointEvery, Pace: job.Pace), stop.Token));
            Tell(new() { Ended = end.State, Reason = end.Reason });
        }
        catch (RunFailedException error) { Tell(new() { Fatal = error.Problems }); }
        catch (Exception error) when (FullDisk.Of(error) is { } problem) { Tell(new() { Fatal = [problem] }); }
    }

    private void Tell(WorkerMessage message)
    {
        output.WriteLine(message.ToJson());
        output.Flush();
    }
}
