using System.Buffers.Binary;
using System.Globalization;
using Allometry.Experiments;
using Allometry.Reports.Exports;
using Allometry.Store;
using Allometry.Tests.Store;
using Google.Protobuf;
using Microsoft.VisualBasic.FileIO;
using ParquetSharp;

namespace Allometry.Tests.Reports.Exports;

/// <summary>What is exported, read back by what did not write it: Arrow's parquet reader, .NET's field parser, and TensorBoard's format from its description.</summary>
public sealed class ExportTests : IDisposable
{
    private const string Hostile = "../\"a\",\n<b>; =1+1 é";

    private readonly TemporaryFolder folder = new();
    private readonly StudyStore store;

    public ExportTests()
    {
        store = StudyStore.Open(Path.Combine(folder.Path, "store"));
        store.Add([Run("0123456789ab", 0, "tiny", null), Run("feedfacecafe", 1, Hostile, "a/b"), Run("never", 2, "tiny", null)]);
        Measure("0123456789ab", [new("loss", 1, 1 / 3.0, 100, 0.5), new("loss", 2, double.NaN, 200, 1), new("validation-loss", 2, 1e300, 200, 1.25)]);
        Measure("feedfacecafe", [.. Enumerable.Range(1, 1000).Select(step => new Measurement("loss", step, Math.Sin(step), step * 64.0, step / 8.0))]);
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Arrow_reads_every_row_of_the_parquet_file()
    {
        var file = Path.Combine(folder.Path, "out", "all.parquet");
        Assert.Equal(1003, ParquetExport.Write(MeasuredRun.All(store), file));
        using var reader = new ParquetFileReader(file);
        using var group = reader.RowGroup(0);
        var rows = checked((int)group.MetaData.NumRows);
        T[] Column<T>(int number) => group.Column(number).LogicalReader<T>().ReadAll(rows);
        var words = Enumerable.Range(0, 6).Select(Column<string>).ToArray();
        var (seed, step, tokens, seconds, value) = (Column<long>(6), Column<long>(7), Column<double>(8), Column<double>(9), Column<double?>(10));

        Assert.Equal(Expected(), Enumerable.Range(0, rows).Select(i => new Row(words[0][i], words[1][i], words[2][i], words[3][i], words[4][i], seed[i], words[5][i], step[i], tokens[i], seconds[i], value[i])));
        Assert.Equal(["run", "shape", "stage", "from", "task", "name", "seed", "step", "tokens", "seconds", "value"], Enumerable.Range(0, 11).Select(i => reader.FileMetaData.Schema.Column(i).Name));
    }

    [Fact]
    public void A_field_parser_reads_every_row_of_the_csv_file()
    {
        var file = Path.Combine(folder.Path, "all.csv");
        Assert.Equal(1003, CsvExport.Write(MeasuredRun.All(store), file));
        using var parser = new TextFieldParser(file) { TextFieldType = FieldType.Delimited, Delimiters = [","], TrimWhiteSpace = false };
        Assert.Equal(["run", "shape", "stage", "from", "task", "seed", "name", "step", "tokens", "seconds", "value"], parser.ReadFields()!);
        List<Row> rows = [];
        while (parser.ReadFields() is { } f)
            rows.Add(new(f[0], f[1], f[2], f[3], f[4], long.Parse(f[5], CultureInfo.InvariantCulture), f[6], long.Parse(f[7], CultureInfo.InvariantCulture), Number(f[8])!.Value, Number(f[9])!.Value, Number(f[10])));

        Assert.Equal(Expected(), rows);
    }

    [Fact]
    public void TensorBoards_files_hold_every_scalar_with_good_checksums()
    {
        var board = Path.Combine(folder.Path, "board");
        Assert.Equal(1003, TensorBoardExport.Write(MeasuredRun.All(store), board));
        Assert.Equal(1003, TensorBoardExport.Write(MeasuredRun.All(store), board));
        var files = Directory.GetFiles(board, "*", System.IO.SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();

        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.Matches("^[A-Za-z0-9._+-]+/events[.]out[.]tfevents[.][0-9]+[.]allometry$", Path.GetRelativePath(board, file).Replace('\\', '/')));
        Assert.StartsWith("tiny-pretrain-seed1-01234567/", Path.GetRelativePath(board, files[1]).Replace('\\', '/'), StringComparison.Ordinal);
        Assert.All([("0123456789ab", files[1]), ("feedfacecafe", files[0])], pair =>
        {
            var (run, file) = pair;
            var events = Records(File.ReadAllBytes(file)).Select(Read).ToList();
            var started = store.Attempts(run)[0].Started;
            Assert.Equal("brain.Event:2", events[0].Version);
            Assert.Equal(
                store.Measurements(run).Select(m => (m.Name, m.Step, (float)m.Value, started + m.Seconds)).Order(),
                events.Skip(1).Select(e => (e.Tag!, e.Step, e.Value, e.Wall)).Order());
        });
    }

    [Theory]
    [InlineData("123456789", 0xE3069283)] // the check value of CRC-32C in the catalogue of parametrised CRC algorithms
    [InlineData("", 0)]
    public void The_checksum_held_against_is_Castagnolis(string text, uint crc) => Assert.Equal(crc, Crc(System.Text.Encoding.ASCII.GetBytes(text)));

    private IEnumerable<Row> Expected() =>
        from run in store.Runs()
        let record = RunRecord.FromJson(run.Description)
        from m in store.Measurements(run.Id)
        select new Row(run.Id, record.Shape, record.Stage, record.From, record.Task ?? "", record.Seed, m.Name, m.Step, m.Tokens, m.Seconds, double.IsNaN(m.Value) ? null : m.Value);

    private static StoredRun Run(string id, int position, string shape, string? task) => new(
        id, position, new RunRecord(task is null ? "pretrain" : "fine-tune", shape, task is null ? "" : "pretrain", task, 1, new Dictionary<string, int>(), new(1, 1, 10, 1, 1, 1, new(0, 0, 1, 0)), null).ToJson(), new RunPrediction().ToJson());

    private void Measure(string run, IReadOnlyCollection<Measurement> measurements)
    {
        var attempt = store.Begin(run, 0, "{}", "v");
        store.Record(attempt, measurements);
        store.End(attempt, RunState.Done);
    }

    private static double? Number(string text) => text.Length == 0 ? null : double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The framing of record_writer.h.</summary>
    private static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at)));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var data = file[(at + 12)..(at + 12 + length)];
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            yield return data;
            at += 16 + length;
        }
    }

    /// <summary>The fields of event.proto by number: 1 wall time, 2 step, 3 version, 5 summary, in it 1 value, in that 1 tag, 2 float.</summary>
    private static Scalar Read(byte[] data)
    {
        var (read, input) = (new Scalar(0, 0, null, null, 0), new CodedInputStream(data));
        while (input.ReadTag() is not 0 and var tag)
            read = (tag >> 3) switch
            {
                1 => read with { Wall = input.ReadDouble() },
                2 => read with { Step = input.ReadInt64() },
                3 => read with { Version = input.ReadString() },
                5 => OfValue(new CodedInputStream(Inside(input.ReadBytes().ToByteArray())), read),
                _ => throw new InvalidDataException($"field {tag >> 3}"),
            };
        return read;
    }

    private static byte[] Inside(byte[] summary)
    {
        var input = new CodedInputStream(summary);
        Assert.Equal((1u << 3) | 2, input.ReadTag());
        return input.ReadBytes().ToByteArray();
    }

    private static Scalar OfValue(CodedInputStream input, Scalar read)
    {
        while (input.ReadTag() is not 0 and var tag)
            read = (tag >> 3) == 1 ? read with { Tag = input.ReadString() } : read with { Value = input.ReadFloat() };
        return read;
    }

    private static uint Masked(ReadOnlySpan<byte> data) => Crc(data) is var crc ? ((crc >> 15) | (crc << 17)) + 0xa282ead8 : 0;

    // Bit by bit, with the reflected polynomial.
    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var part in data)
        {
            crc ^= part;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
        }
        return ~crc;
    }

    private sealed record Row(string Run, string Shape, string Stage, string From, string Task, long Seed, string Name, long Step, double Tokens, double Seconds, double? Value);

    private sealed record Scalar(double Wall, long Step, string? Version, string? Tag, float Value);
}
