using Microsoft.Data.Sqlite;

namespace Allometry.Store;

/// <summary>The tables of a store and how older ones become today's: one script a version, never changed once released; tests/goldens/store keeps a store of each.</summary>
public static class Schema
{
    /// <summary>SQLite's mark of whose file this is ("ALLO").</summary>
    public const int ApplicationId = 0x414C4C4F;

    public static IReadOnlyList<string> Versions { get; } =
    [
        """
        create table facts (name text primary key, value text not null) without rowid;
        create table runs (
            id text primary key, position integer not null, description text not null, prediction text not null) without rowid;
        create table attempts (
            run text not null references runs(id), number integer not null, from_step integer not null, started real not null,
            ended real, state text not null, reason text, machine text not null, version text not null,
            primary key (run, number)) without rowid;
        create table measurements (
            run text not null, attempt integer not null, name text not null, step integer not null,
            value real, tokens real not null, seconds real not null);
        create index measurements_of_run on measurements (run, name, step);
        create table artifacts (
            run text not null references runs(id), name text not null, folder text not null, facts text not null,
            primary key (run, name)) without rowid;
        """,
        // No attempt has a measurement twice.
        """
        delete from measurements where rowid not in (select max(rowid) from measurements group by run, name, step, attempt);
        drop index measurements_of_run;
        create unique index measurements_of_attempts on measurements (run, name, step, attempt);
        """,
        // Attempts can be Paused and Stopped, which earlier programs do not know: they are told that the store is newer.
        "select 1;",
    ];

    /// <summary>Brings a database to the last of <paramref name="versions"/>; all of a version or nothing of it.</summary>
    public static void Upgrade(SqliteConnection connection, IReadOnlyList<string> versions)
    {
        while (Version(connection) < versions.Count)
        {
            using var transaction = connection.BeginTransaction();
            // Another process may have done it while this one waited.
            if (Version(connection) is var version && version == versions.Count) break;
            connection.Execute(versions[version]);
            connection.Execute(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"pragma user_version = {version + 1}"));
            transaction.Commit();
        }
    }

    public static int Version(SqliteConnection connection) => (int)connection.Scalar<long>("pragma user_version");
}
