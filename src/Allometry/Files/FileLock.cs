using System.Diagnostics;
using Allometry.Kinds;

namespace Allometry.Files;

/// <summary>Something that only one process may do at a time. The operating system holds the lock, so that it ends with the process, however that ends.</summary>
public sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly FileStream file;

    private FileLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock of a file, made where there is none; null where another still has it after that time (who asks <see cref="IsTaken"/> has it for a moment).</summary>
    public static FileLock? TryTake(string path, TimeSpan patience)
    {
        for (var clock = Stopwatch.StartNew(); ; Thread.Sleep(Pause))
        {
            if (TryOpen(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None) is { } file) return new(file);
            if (clock.Elapsed > patience) return null;
        }
    }

    public static bool IsTaken(string path)
    {
        if (!File.Exists(path)) return false;
        using var file = TryOpen(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return file is null;
    }

    public void Dispose() => file.Dispose();

    private static FileStream? TryOpen(string path, FileMode mode, FileAccess access, FileShare share)
    {
        try { return new(path, mode, access, share); }
        catch (IOException error) when (FileSystem.IsTaken(error)) { return null; }
        catch (UnauthorizedAccessException error) { throw new InputException(path, $"cannot be written: {error.Message}", "mend its permissions, or give another folder with --store"); }
    }
}
