using System.Diagnostics;
using System.Text.Json;

namespace Allometry.Files;

/// <summary>
/// Something that only one process of several machines may do at a time, as a file that all of them see. Its holder changes the file every few seconds; who finds one that does not change for a while takes it over.
/// Only changes are looked at, never times: the machines' clocks may differ by hours.
/// </summary>
public sealed class Lease : IDisposable
{
    private readonly string path, token = Guid.NewGuid().ToString("N");
    private readonly Timer timer;
    private long beats = 1L << 40; // as many digits to the end: the text keeps its length

    private Lease(string path, TimeSpan every)
    {
        this.path = path;
        timer = new(_ => Beat(), null, every, every);
    }

    private Holder Own => new(Environment.MachineName, Environment.ProcessId, token, beats);

    /// <summary>Whether nobody has taken it over, which happens to a holder that stood still for long.</summary>
    public bool IsHeld => Read(path) is { } holder && holder.Token == token;

    /// <summary>Takes the lease; null where another holder changes it within four times <paramref name="every"/>.</summary>
    public static Lease? TryTake(string path, TimeSpan every)
    {
        var lease = new Lease(path, every);
        while (true)
        {
            if (AtomicFile.TryCreate(path, JsonSerializer.Serialize(lease.Own))) return lease;
            if (Read(path) is not { } holder) continue;
            var (watched, patience) = (Stopwatch.StartNew(), holder.HasEndedHere ? TimeSpan.Zero : 4 * every); // each holder anew: one that has just followed another is no dead one
            while (watched.Elapsed < patience && Read(path) == holder) Thread.Sleep(every / 10);
            if (Read(path) == holder) Displace(path, holder);
            else if (File.Exists(path))
            {
                lease.Dispose();
                return null;
            }
        }
    }

    /// <summary>Whether this process of this machine has it.</summary>
    public static bool IsHeldBy(string path, int process) => Read(path) is { } holder && holder.Machine == Environment.MachineName && holder.Process == process;

    /// <summary>The machine of a holder who changes the file within four times <paramref name="every"/>; null where nobody does.</summary>
    public static string? HolderOf(string path, TimeSpan every)
    {
        if (Read(path) is not { } holder || holder.HasEndedHere) return null;
        for (var watched = Stopwatch.StartNew(); watched.Elapsed < 4 * every; Thread.Sleep(every / 10))
            if (Read(path) != holder) return Read(path)?.Machine;
        return null;
    }

    public void Dispose()
    {
        using (var ended = new ManualResetEvent(false))
            if (timer.Dispose(ended)) ended.WaitOne();
        try { if (IsHeld) File.Delete(path); }
        catch (IOException) { } // whoever comes next waits a moment longer
    }

    private void Beat()
    {
        try
        {
            // Into the very file that bears its token: who took it over while this one stood still keeps theirs.
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (JsonSerializer.Deserialize<Holder>(file)?.Token != token) return;
            beats++;
            file.Position = 0;
            file.Write(JsonSerializer.SerializeToUtf8Bytes(Own));
            file.Flush(flushToDisk: true);
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException) { } // it is asked about before anything is done
    }

    /// <summary>Moves away what a dead holder has left; where it was another one's after all, puts it back.</summary>
    private static void Displace(string path, Holder holder)
    {
        var away = $"{path}.{Guid.NewGuid():N}"; // its own: two that displace the same holder would else delete what the other has moved
        try { File.Move(path, away); }
        catch (FileNotFoundException) { return; }
        if (Read(away) is { } moved && moved.Token != holder.Token) AtomicFile.TryCreate(path, File.ReadAllText(away));
        File.Delete(away);
    }

    private static Holder? Read(string path)
    {
        try { return JsonSerializer.Deserialize<Holder>(File.ReadAllText(path)); }
        catch (Exception error) when (error is IOException or JsonException) { return null; }
    }

    private sealed record Holder(string Machine, int Process, string Token, long Beats)
    {
        /// <summary>A process of this machine that is no more.</summary>
        public bool HasEndedHere => Machine == Environment.MachineName && OperatingSystem.IsLinux() && !LocalProcess.IsAlive(Process);
    }
}
