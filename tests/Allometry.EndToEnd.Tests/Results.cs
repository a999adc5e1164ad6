using Microsoft.Data.Sqlite;

namespace Allometry.EndToEnd.Tests;

/// <summary>What must not depend on interruptions: every measurement but clocks and memory, and every byte of every model.</summary>
public static class Results
{
    /// <summary>
    /// Left out: times (seconds, tokens a second), memory, and what tells of attempts rather than results (their number, moments and reasons, and rows that a later attempt has measured again).
    /// </summary>
    private const string Counted =
        """
        select m.run || ' ' || m.name || ' ' || m.step || ' ' || coalesce(hex(m.value), 'none') || ' ' || coalesce(printf('%.17g', m.value), '') from measurements m
        where m.name not in ('seconds', 'peak-memory', 'tokens-per-second', 'examples-per-second') and m.name not like '%/seconds' and not exists (
            select 1 from measurements n where n.run = m.run and n.name = m.name and n.step = m.step and n.rowid > m.rowid)
        order by 1
        """;

    public static IReadOnlyList<string> Of(string store) => [.. Measurements(store), .. Models(store)];

    /// <summary>Whether a run has a checkpoint that it can go on from.</summary>
    public static bool HasState(string store) =>
        Directory.Exists(store) && Directory.EnumerateFiles(store, "facts.json", SearchOption.AllDirectories).Any(file => Path.GetFileName(Path.GetDirectoryName(file)) == "state");

    /// <summary>Attempts that have gone on from a checkpoint and come to the end.</summary>
    public static long WentOn(string store) => Count(store, "select count(*) from attempts where from_step > 0 and state = 'Done'");

    /// <summary>Attempts so far, while the store may still be being made.</summary>
    public static long Attempts(string store)
    {
        try { return File.Exists(Path.Combine(store, "study.db-wal")) ? Count(store, "select count(*) from attempts") : 0; }
        catch (SqliteException) { return 0; }
    }

    public static long Count(string store, string sql)
    {
        using var connection = Open(store);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static IEnumerable<string> Measurements(string store)
    {
        using var connection = Open(store);
        using var command = connection.CreateCommand();
        command.CommandText = Counted;
        using var reader = command.ExecuteReader();
        while (reader.Read()) yield return reader.GetString(0);
    }

    private static IEnumerable<string> Models(string store) =>
        from file in Directory.EnumerateFiles(Path.Combine(store, "artifacts"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        where Path.GetFileName(file) != "facts.json" // of a run that was stopped early: it holds a time
        select $"{Path.GetRelativePath(store, file)} {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}";

    private static SqliteConnection Open(string store)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(store, "study.db")};Mode=ReadWrite;Pooling=false");
        connection.Open();
        return connection;
    }
}
