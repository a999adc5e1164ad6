using System.Globalization;
using Allometry.Experiments;
using Allometry.Store;
using Allometry.Tests.Golden;
using Microsoft.Data.Sqlite;

namespace Allometry.Tests.Store;

/// <summary>What earlier versions have stored opens in this one, with every number it had.</summary>
public sealed class OldStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<int> Versions() => [.. Enumerable.Range(1, Schema.Versions.Count - 1)];

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_store_of_every_earlier_version_reads_as_it_did(int version)
    {
        var before = Old(version);
        using (var store = StudyStore.Read(folder.Path)) Assert.Equal(before, Numbers(store));
        Assert.Equal(Schema.Versions.Count, Ask("pragma user_version"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_store_of_every_earlier_version_is_written_on(int version)
    {
        var before = Old(version);
        using var store = StudyStore.Open(folder.Path);
        store.Add([new("new", 99, "{}", "{}")]);
        var attempt = store.Begin("new", 0, "{}", "v");
        store.Record(attempt, [new("loss", 1, 2.5)]);
        store.End(attempt, RunState.Done);

        Assert.Equal([.. before, "new loss 1 2.5"], Numbers(store).Order(StringComparer.Ordinal).OrderBy(line => line.StartsWith("new", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_study_of_every_earlier_version_is_reported_on(int version)
    {
        Old(version);
        using var store = StudyStore.Read(folder.Path);
        var study = StudyReader.Read(store);

        Assert.Equal(("smoke", 6), (study.Name, study.Runs.Count));
        Assert.All(study.Runs, run => Assert.True(run is { IsDone: true, PredictedSeconds: > 0, MeasuredSeconds: > 0 }));
        Assert.Equal(60, study.Runs[0].Curves["loss"][^1].Step);
    }

    /// <summary>Puts the store there and gives its numbers as plain SQL finds them.</summary>
    private IReadOnlyList<string> Old(int version)
    {
        File.Copy(Path.Combine(Goldens.Committed(), "store", string.Create(CultureInfo.InvariantCulture, $"version-{version}.db")), Path.Combine(folder.Path, "study.db"));
        Assert.Equal(version, Ask("pragma user_version"));
        using var connection = Connection();
        using var command = connection.CreateCommand();
        command.CommandText = "select run, name, step, value from measurements";
        using var reader = command.ExecuteReader();
        List<string> lines = [];
        while (reader.Read()) lines.Add(Line(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetDouble(3)));
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private static IReadOnlyList<string> Numbers(StudyStore store) =>
        [.. store.Runs().SelectMany(run => store.Measurements(run.Id).Select(m => Line(run.Id, m.Name, m.Step, m.Value))).Order(StringComparer.Ordinal)];

    private static string Line(string run, string name, long step, double value) => string.Create(CultureInfo.InvariantCulture, $"{run} {name} {step} {value:R}");

    private long Ask(string sql)
    {
        using var connection = Connection();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private SqliteConnection Connection()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "study.db")};Pooling=false");
        connection.Open();
        return connection;
    }
}
