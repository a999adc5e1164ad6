using Allometry.Files;
using Allometry.Store;
using Parquet;
using Parquet.Schema;

namespace Allometry.Reports.Exports;

/// <summary>Measurements as one parquet file with the columns of the CSV; a value that is no number is null.</summary>
public static class ParquetExport
{
    /// <summary>Rows in memory at a time.</summary>
    private const int RowsOfAGroup = 100_000;

    private static readonly DataField<double>[] Clocks = [new("tokens"), new("seconds")];
    private static readonly DataField<long> Seed = new("seed"), Step = new("step");
    private static readonly DataField<double?> Value = new("value");

    private static readonly (DataField Field, Func<MeasuredRun, Measurement, string> Of)[] Words =
    [
        (Text("run"), (run, _) => run.Id), (Text("shape"), (run, _) => run.Run.Shape), (Text("stage"), (run, _) => run.Run.Stage),
        (Text("from"), (run, _) => run.Run.From), (Text("task"), (run, _) => run.Run.Task ?? ""), (Text("name"), (_, m) => m.Name),
    ];

    /// <summary>Gives the number of rows.</summary>
    public static long Write(IEnumerable<MeasuredRun> runs, string file)
    {
        var rows = 0L;
        AtomicFile.Write(file, stream => rows = WriteAsync(runs, stream).GetAwaiter().GetResult());
        return rows;
    }

    private static async Task<long> WriteAsync(IEnumerable<MeasuredRun> runs, Stream stream)
    {
        var rows = 0L;
        var schema = new ParquetSchema([.. Words.Select(word => word.Field), Seed, Step, .. Clocks, Value]);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream);
        foreach (var group in runs.SelectMany(run => run.Measurements.Select(m => (run, m))).Chunk(RowsOfAGroup))
        {
            await WriteAsync(writer, group);
            rows += group.Length;
        }
        return rows;
    }

    private static async Task WriteAsync(ParquetWriter writer, (MeasuredRun Run, Measurement Measurement)[] rows)
    {
        using var group = writer.CreateRowGroup();
        foreach (var (field, of) in Words) await group.WriteAsync(field, [.. rows.Select(row => of(row.Run, row.Measurement))]);
        await group.WriteAsync<long>(Seed, rows.Select(row => row.Run.Run.Seed).ToArray());
        await group.WriteAsync<long>(Step, rows.Select(row => row.Measurement.Step).ToArray());
        await group.WriteAsync<double>(Clocks[0], rows.Select(row => row.Measurement.Tokens).ToArray());
        await group.WriteAsync<double>(Clocks[1], rows.Select(row => row.Measurement.Seconds).ToArray());
        await group.WriteAsync<double>(Value, rows.Select(row => double.IsNaN(row.Measurement.Value) ? (double?)null : row.Measurement.Value).ToArray());
        group.CompleteValidate();
    }

    private static DataField Text(string name) => new(name, typeof(string), isNullable: false);
}
