using Microsoft.Data.Sqlite;

namespace Allometry.Store;

/// <summary>The tables of a store and how older ones become today's: one script a version, never changed once released.</summary>
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
    ];

    /// <summary>Brings a database to the last of <paramref name="versions"/>; all of a version or nothing of it.</summary>
    public static void Upgrade(SqliteConnection connection, IReadOnlyList<string> versions)
    {
        for (var version = Version(connection); version < versions.Count; version++)
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(versions[version]);
            connection.Execute(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"pragma user_version = {version + 1}"));
            transaction.Commit();
        }
    }

    public static int Version(SqliteConnection connection) => (int)connection.Scalar<long>("pragma user_version");
}
