using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Store;

/// <summary>Only one process may write a store. The operating system holds the lock, so that it ends with the process, however that ends.</summary>
public sealed class StoreLock : IDisposable
{
    private readonly FileStream file;

    private StoreLock(FileStream file) => this.file = file;

    public static StoreLock Take(string folder) => TryTake(folder)
        ?? throw new InputException(folder, "another process is working on this store", "wait until it has ended, or give another folder with --store");

    public static bool IsTaken(string folder)
    {
        using var held = File.Exists(PathOf(folder)) ? TryTake(folder) : null;
        return held is null && File.Exists(PathOf(folder));
    }

    public void Dispose() => file.Dispose();

    private static StoreLock? TryTake(string folder)
    {
        try { return new(new FileStream(PathOf(folder), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)); }
        catch (IOException error) when (error is not (DirectoryNotFoundException or FileNotFoundException) && !FileSystem.IsDiskFull(error)) { return null; }
        catch (UnauthorizedAccessException error) { throw new InputException(folder, $"the store cannot be written: {error.Message}", "mend its permissions, or give another folder with --store"); }
    }

    private static string PathOf(string folder) => Path.Combine(folder, "lock");
}
