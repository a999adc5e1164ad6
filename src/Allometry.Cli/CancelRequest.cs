using Allometry.Files;

namespace Allometry.Cli;

/// <summary>The wish of another process, on this machine or another that sees the store, that a study stops: a file in the store.</summary>
public sealed class CancelRequest : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(0.5);

    private readonly string file;
    private readonly Timer timer;

    /// <summary>Calls <paramref name="stop"/> when a wish appears; one from before is forgotten.</summary>
    public CancelRequest(string store, Action stop)
    {
        file = FileOf(store);
        File.Delete(file);
        timer = new(_ => { if (File.Exists(file)) stop(); }, null, Every, Every);
    }

    public static void Make(string store) => AtomicFile.WriteText(FileOf(store), "");

    public void Dispose()
    {
        timer.Dispose();
        File.Delete(file);
    }

    private static string FileOf(string store) => Path.Combine(store, "cancel");
}
