using System.Runtime.InteropServices;
using Allometry.Kinds;

namespace Allometry.Files;

/// <summary>What .NET does not offer: flushing a folder's entries to the disk, exchanging two folders in one step, and knowing a full disk.</summary>
internal static partial class FileSystem
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint KeepOther = 1, Exchange = 2; // RENAME_NOREPLACE, RENAME_EXCHANGE
    private const int Exists = 17; // EEXIST

    // ENOSPC and EDQUOT on Linux and macOS; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL on Windows.
    private static readonly int[] Full = OperatingSystem.IsWindows() ? [unchecked((int)0x80070027), unchecked((int)0x80070070)] : [28, OperatingSystem.IsMacOS() ? 69 : 122];

    /// <summary>Whether there was no room, as the system tells it or as what could not go on because of it does.</summary>
    public static bool IsDiskFull(Exception e) => (e is IOException && Full.Contains(e.HResult)) || (e is RunFailedException { InnerException: { } cause } && IsDiskFull(cause));

    /// <summary>Makes a rename in the folder survive a power cut; Windows does so by itself.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, 0); // O_RDONLY
        if (descriptor < 0) return; // some network file systems do not open folders: the rename itself is done
        _ = Fsync(descriptor);
        _ = Close(descriptor);
    }

    /// <summary>Whether a file could not be opened because another process has it: EWOULDBLOCK on Linux and macOS, ERROR_SHARING_VIOLATION on Windows.</summary>
    public static bool IsTaken(IOException error) => error.HResult == (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() ? 35 : 11);

    /// <summary>Swaps two folders in one step; false where the system or its file system cannot.</summary>
    public static bool TryExchange(string a, string b) => Rename(a, b, Exchange) == 0;

    /// <summary>Gives a file a second name; false where something has that name, null where the file system has no second names.</summary>
    public static bool? TryLink(string file, string name)
    {
        if (OperatingSystem.IsWindows()) return null;
        if (Link(file, name) == 0) return true;
        return Marshal.GetLastPInvokeError() == Exists ? false : null;
    }

    /// <summary>Renames a file where nothing has that name; false where something has, null where the system or its file system cannot do both in one step.</summary>
    public static bool? TryRename(string file, string name) => Rename(file, name, KeepOther) switch { 0 => true, Exists => false, _ => null };

    /// <summary>0 where it is done, else the system's number of what is in the way; null where the system has no such call.</summary>
    private static int? Rename(string from, string to, uint how)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try { return RenameAt(CurrentFolder, from, CurrentFolder, to, how) == 0 ? 0 : Marshal.GetLastPInvokeError(); }
        catch (EntryPointNotFoundException) { return null; } // musl, or glibc before 2.28
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string oldPath, string newPath);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int oldFolder, string oldPath, int newFolder, string newPath, uint flags);
}
