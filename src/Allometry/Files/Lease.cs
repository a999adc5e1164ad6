using System.Diagnostics;
using System.Text.Json;
using Allometry.Kinds;

namespace Allometry.Files;

/// <summary>
/// Something that only one process of several machines may do at a time, as a file that all of them see. Its holder changes the file every few seconds; who finds one that does not change for a while takes it over.
/// Only changes are looked at, never times: the machines' clocks may differ by hours.
/// </summary>
public sealed class Lease : IDisposable
{
    private readonly string path, token = Guid.NewGuid().ToString("N");
    private readonly Timer timer;
    private long beats;

    private Lease(string path, TimeSpan every)
    {
        this.path = path;
        timer = new(_ => Beat(), null, every, every);
    }

    private string Text => JsonSerializer.Serialize(new Holder(Environment.MachineName, Environment.ProcessId, token, beats));

    /// <summary>Whether nobody has taken it over, which happens to a holder that stood still for long.</summary>
    public bool IsHeld => Read(path) is { } holder && holder.Token == token;

    /// <summary>Takes the lease; null where another holder changes it within four times <paramref name="every"/>.</summary>
    public static Lease? TryTake(string path, TimeSpan every)
    {
        var lease = new Lease(path, every);
        for (var watched = Stopwatch.StartNew(); ;)
        {
            if (AtomicFile.TryCreate(path, lease.Text)) return lease;
            if (Read(path) is not { } holder) continue;
            var patience = holder.HasEndedHere ? TimeSpan.Zero : 4 * every;
            while (watched.Elapsed < patience && Read(path) == holder) Thread.Sleep(every / 10);
            if (Read(path) == holder) Displace(path, holder);
            else if (File.Exists(path))
            {
                lease.Dispose();
                return null;
            }
        }
    }

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
            if (!IsHeld) return;
            beats++;
            AtomicFile.WriteText(path, Text);
        }
        catch (Exception error) when (error is IOException or RunFailedException or UnauthorizedAccessException) { } // it is asked about before anything is done
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
