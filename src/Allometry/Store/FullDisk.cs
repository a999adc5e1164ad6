using Allometry.Files;
using Allometry.Kinds;
using Microsoft.Data.Sqlite;

namespace Allometry.Store;

/// <summary>A disk without room, as files and as the database tell it.</summary>
public static class FullDisk
{
    // SQLITE_FULL; SQLITE_IOERR_WRITE, as a used-up quota is told; SQLITE_IOERR_SHMSIZE (sqlite.org/rescode.html).
    private const int Full = 13, Write = 778, Index = 4874;

    /// <summary>What to tell of an error; null where it is another one.</summary>
    public static Problem? Of(Exception error) => error is SqliteException { SqliteErrorCode: Full } or SqliteException { SqliteExtendedErrorCode: Write or Index } || FileSystem.IsDiskFull(error)
        ? new("disk", "the disk is full", "make room and run the same command again: nothing finished is lost")
        : null;
}
