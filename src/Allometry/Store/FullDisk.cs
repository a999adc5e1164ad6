using Allometry.Files;
using Allometry.Kinds;
using Microsoft.Data.Sqlite;

namespace Allometry.Store;

/// <summary>A disk without room, as files and as the database tell it.</summary>
public static class FullDisk
{
    private const int Full = 13; // SQLITE_FULL (sqlite.org/rescode.html)

    /// <summary>What to tell of an error; null where it is another one.</summary>
    public static Problem? Of(Exception error) => error is SqliteException { SqliteErrorCode: Full } || FileSystem.IsDiskFull(error)
        ? new("disk", "the disk is full", "make room and run the same command again: nothing finished is lost")
        : null;
}
