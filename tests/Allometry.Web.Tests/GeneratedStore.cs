using System.Globalization;
using System.Text.Json.Nodes;
using Allometry.Experiments;
using Allometry.Store;
using Microsoft.Data.Sqlite;

namespace Allometry.Web.Tests;

/// <summary>A store as a study would have left it, made without training: each shape is pre-trained and then fine-tuned, with losses that fall as losses do.</summary>
/// <param name="Shapes">Two runs each.</param>
/// <param name="Points">Losses of a pre-training.</param>
public sealed record GeneratedStore(string Folder, int Shapes, int Points)
{
    public string Name { get; init; } = "generated";

    /// <summary>What a shape is called, by its number.</summary>
    public Func<int, string> ShapeName { get; init; } = number => string.Create(CultureInfo.InvariantCulture, $"{2 + (number % 7)}x{32 * (2 + (number / 7))}");

    /// <summary>How the last shapes stand: not tried, failed, running as far as the store says.</summary>
    public int Untried { get; init; }

    public string? Failed { get; init; }

    public static string PretrainingOf(int shape) => string.Create(CultureInfo.InvariantCulture, $"{shape:x8}00000001");

    public static string TuningOf(int shape) => string.Create(CultureInfo.InvariantCulture, $"{shape:x8}00000002");

    public GeneratedStore Make()
    {
        using (var store = StudyStore.Open(Folder))
        {
            foreach (var (name, value) in new[] { ("name", Name), ("recipe", $"name: {Name}\n"), ("quality", "area"), ("cost", "parameters\ntraining-flops"), ("machine", "a machine"), ("threads", "1"), ("command", "allometry run x.yaml") }) store.SetFact(name, value);
            store.Add(Enumerable.Range(0, Shapes).SelectMany(Runs));
        }
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, "study.db")};Pooling=false");
        connection.Open();
        Execute(connection, "pragma synchronous = off");
        using var transaction = connection.BeginTransaction();
        for (var shape = 0; shape < Shapes - Untried; shape++) Ended(connection, shape);
        transaction.Commit();
        return this;
    }

    private IEnumerable<StoredRun> Runs(int shape) =>
    [
        Run(PretrainingOf(shape), 2 * shape, "pretrain", "", null, shape, Points),
        Run(TuningOf(shape), (2 * shape) + 1, "fine-tune", "pretrain", "area", shape, 20),
    ];

    private StoredRun Run(string id, int position, string stage, string from, string? task, int shape, int steps)
    {
        var dimensions = new Dictionary<string, int> { ["model-width"] = 32 + shape, ["encoder-layers"] = 2 };
        var run = new JsonObject { ["stage"] = new JsonObject { ["kind"] = stage, ["batch"] = 16 }, ["shape"] = new JsonObject { ["model-width"] = 32 + shape }, ["note"] = new string('x', 1000) };
        return new(id, position, new RunRecord(stage, ShapeName(shape), from, task, 1, dimensions, new(10_000 + (500L * shape), 5_000, steps, 1e9 + (1e6 * shape), 1e9, 128, new(1e8, 1e6, 4, 0)), run).ToJson(), new RunPrediction(10).ToJson());
    }

    private void Ended(SqliteConnection connection, int shape)
    {
        var end = shape == 0 && Failed is not null;
        Attempt(connection, PretrainingOf(shape), end ? "Failed" : "Done", end ? Failed : null);
        Losses(connection, PretrainingOf(shape), 2.5 + (3.0 / (2 + shape)));
        if (end) return;
        Attempt(connection, TuningOf(shape), "Done", null);
        Values(connection, TuningOf(shape), [("area/accuracy", QualityOf(shape)), ("area/examples", 400), ("seconds", 4)]);
        Values(connection, PretrainingOf(shape), [("validation-loss", 3.4 - QualityOf(shape)), ("seconds", 9 + (shape / 10.0)), ("peak-memory", 1e8), ("tokens-per-second", 5e4)]);
    }

    /// <summary>The first shapes each better than the one before; of more, few are on the frontier.</summary>
    private static double QualityOf(int shape) => shape < 100 ? 0.8 - (0.5 / (1 + shape)) : 0.3 + (0.6 * (shape * 7919L % 1009) / 1009);

    private static void Attempt(SqliteConnection connection, string run, string state, string? reason) => Execute(
        connection, "insert into attempts (run, number, from_step, started, ended, state, reason, machine, version) values ($0, 1, 0, 1000, 1010, $1, $2, '{}', '1')", run, state, (object?)reason ?? DBNull.Value);

    private void Losses(SqliteConnection connection, string run, double floor) => Execute(
        connection,
        """
        with recursive n(i) as (select 1 union all select i + 1 from n where i < $1)
        insert into measurements (run, attempt, name, step, value, tokens, seconds) select $0, 1, 'loss', i, $2 + 4.0 / (1 + i * 0.05) + (i * 7919 % 101) * 0.002, i * 128, i * 0.01 from n
        """, run, Points, floor);

    private static void Values(SqliteConnection connection, string run, (string Name, double Value)[] values)
    {
        foreach (var (name, value) in values) Execute(connection, "insert into measurements (run, attempt, name, step, value, tokens, seconds) values ($0, 1, $1, 20, $2, 2560, 1)", run, name, value);
    }

    private static void Execute(SqliteConnection connection, string sql, params object[] values)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i}", values[i]);
        command.ExecuteNonQuery();
    }
}
