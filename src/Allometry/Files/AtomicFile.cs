using System.Text;
using Allometry.Kinds;

namespace Allometry.Files;

/// <summary>
/// Files and folders that are there whole or not at all: written to a temporary sibling, flushed to the disk, renamed.
/// Whatever goes wrong leaves what was there before and no trace, and is a <see cref="RunFailedException"/>; only a killed process leaves its temporaries,
/// which <see cref="Sweep"/> removes.
/// </summary>
public static class AtomicFile
{
    private const string Partial = ".allometry-partial";
    private const string Replaced = ".allometry-replaced";
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    /// <summary>Replaces the file by what <paramref name="write"/> writes; missing folders above it are made.</summary>
    public static void Write(string path, Action<Stream> write) => Replacing(path, temporary =>
    {
        using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    });

    /// <summary>Replaces the file by a text: UTF-8 without byte-order mark.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>
    /// Makes a file that nobody else has made: of several processes, on this machine or on others that see the folder, one gets true. Whoever reads it sees all of the text. No two may try with the same text.
    /// </summary>
    public static bool TryCreate(string path, string text)
    {
        var created = false;
        Replacing(path, temporary =>
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }
            created = FileSystem.TryLink(temporary, path) ?? FileSystem.TryRename(temporary, path) ?? TryMove(temporary, path);
            // Over a network the answer to a success can get lost, and the question is then asked again.
            if (!created) created = Holds(path, text);
            File.Delete(temporary);
        });
        return created;
    }

    /// <summary>Replaces the whole folder by what <paramref name="fillTemporaryFolder"/> puts into the one it is given.</summary>
    public static void WriteFolder(string folder, Action<string> fillTemporaryFolder) => Replacing(folder, temporary =>
    {
        Directory.CreateDirectory(temporary);
        fillTemporaryFolder(temporary);
        FlushAll(temporary);
        if (!Directory.Exists(folder)) Directory.Move(temporary, folder);
        else if (FileSystem.TryExchange(temporary, folder)) TryRemove(temporary);
        else ReplaceInTwoSteps(temporary, folder);
    });

    /// <summary>Where a folder may lie while another takes its place: <see cref="Sweep"/> puts it back if that never happens.</summary>
    internal static string AwayFrom(string folder) => TemporaryFor(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), Replaced);

    /// <summary>Removes a folder in one step, so that no half of it is ever taken for the whole.</summary>
    public static void Delete(string folder)
    {
        if (!Directory.Exists(folder)) return;
        var dead = TemporaryFor(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), Partial);
        try { Directory.Move(folder, dead); }
        catch (DirectoryNotFoundException) { return; } // another process has been faster
        TryRemove(dead);
    }

    /// <summary>
    /// Removes what killed processes of this machine left in a folder, and what anybody left there a day ago, or at any time where the folder is <paramref name="abandoned"/>: nobody has to write there any more.
    /// Puts back a folder whose replacement was interrupted.
    /// </summary>
    public static void Sweep(string folder, bool abandoned = false)
    {
        if (!Directory.Exists(folder)) return;
        foreach (var replaced in Directory.GetDirectories(folder, "*" + Replaced).Where(path => abandoned || IsStale(path))) Restore(replaced);
        foreach (var partial in Directory.GetFileSystemEntries(folder, "*" + Partial).Where(path => abandoned || IsStale(path))) TryRemove(partial);
    }

    private static void Replacing(string path, Action<string> replace)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var temporary = TemporaryFor(full, Partial);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            replace(temporary);
            FileSystem.FlushFolder(Path.GetDirectoryName(full)!);
        }
        catch (Exception e)
        {
            TryRemove(temporary);
            if (e is InputException or RunFailedException or OperationCanceledException) throw;
            throw new RunFailedException(path, $"could not be written: {(FileSystem.IsDiskFull(e) ? "the disk is full" : e.Message)}",
                FileSystem.IsDiskFull(e) ? "make room and run the same command again" : "nothing was changed; mend the cause and run again", e);
        }
    }

    // Where the system cannot exchange two folders: a kill between the steps is mended by Sweep.
    private static void ReplaceInTwoSteps(string temporary, string folder)
    {
        var old = AwayFrom(folder);
        Directory.Move(folder, old);
        try
        {
            Directory.Move(temporary, folder);
        }
        catch
        {
            Directory.Move(old, folder);
            throw;
        }
        TryRemove(old); // what was written is in its place
    }

    private static bool TryMove(string temporary, string path)
    {
        try
        {
            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path)) { return false; }
    }

    // Whoever made the file may have removed it by now.
    private static bool Holds(string path, string text)
    {
        try
        {
            return File.ReadAllText(path) == text;
        }
        catch (FileNotFoundException) { return false; }
    }

    private static void FlushAll(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }
        foreach (var inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories)) FileSystem.FlushFolder(inner);
        FileSystem.FlushFolder(folder);
    }

    // name.machine.process.unique.ending
    private static string TemporaryFor(string path, string ending) =>
        $"{path}.{Machine}.{Environment.ProcessId}.{Guid.NewGuid():N}{ending}";

    private static string Machine => Environment.MachineName.Replace('.', '-');

    private static bool IsStale(string path)
    {
        var parts = Path.GetFileName(path).Split('.');
        if (parts.Length < 5) return false;
        var ownMachine = parts[^4] == Machine && int.TryParse(parts[^3], out var process) && !LocalProcess.IsAlive(process);
        return ownMachine || DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) > Forgotten;
    }

    private static void Restore(string replaced)
    {
        var folder = Path.Combine(Path.GetDirectoryName(replaced)!, string.Join('.', Path.GetFileName(replaced).Split('.')[..^4]));
        if (Directory.Exists(folder)) Remove(replaced);
        else Directory.Move(replaced, folder);
    }

    private static void TryRemove(string path)
    {
        try
        {
            Remove(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What matters has been done, or has failed before; Sweep finds what is left.
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }
}
