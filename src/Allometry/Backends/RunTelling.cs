using System.Diagnostics;
using System.Text.Json;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>Tells in a file of the attempt how far it is, every few seconds.</summary>
internal sealed class RunTelling(string file) : Watcher
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly Stopwatch sinceTold = Stopwatch.StartNew();

    /// <summary>How far the last attempt at a run was; null where it has not told.</summary>
    public static RunProgress? Read(RunFolder folder)
    {
        try { return File.Exists(folder.FileOf(folder.LastClaim, FileName)) ? JsonSerializer.Deserialize<RunProgress>(File.ReadAllText(folder.FileOf(folder.LastClaim, FileName)), RunFolder.Json) : null; }
        catch (Exception error) when (error is IOException or JsonException) { return null; }
    }

    public override void Stepped(PlannedRun run, RunProgress progress)
    {
        if (sinceTold.Elapsed < Every) return;
        sinceTold.Restart();
        try { AtomicFile.WriteText(file, JsonSerializer.Serialize(progress, RunFolder.Json)); }
        catch (RunFailedException) { } // where the disk is full the next checkpoint says so
    }

    private const string FileName = "progress.json";
}
