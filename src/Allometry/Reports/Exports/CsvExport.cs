using System.Globalization;
using System.Text;
using Allometry.Files;
using Allometry.Store;
using CsvHelper;

namespace Allometry.Reports.Exports;

/// <summary>Measurements as one CSV file: a header, then a row each, exact; a value that is no number is empty.</summary>
public static class CsvExport
{
    private static readonly string[] Columns = ["run", "shape", "stage", "from", "task", "seed", "name", "step", "tokens", "seconds", "value"];

    /// <summary>Gives the number of rows.</summary>
    public static long Write(IEnumerable<MeasuredRun> runs, string file)
    {
        var rows = 0L;
        AtomicFile.Write(file, stream =>
        {
            using var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
            using var csv = CsvWriter.Create(text, CsvReport.Options, leaveOpen: true);
            csv.WriteRecord(Columns);
            foreach (var run in runs)
                foreach (var measurement in run.Measurements)
                {
                    csv.WriteRecord(Row(run, measurement));
                    rows++;
                }
        });
        return rows;
    }

    private static string[] Row(MeasuredRun run, Measurement m) =>
    [
        run.Id, run.Run.Shape, run.Run.Stage, run.Run.From, run.Run.Task ?? "", run.Run.Seed.ToString(CultureInfo.InvariantCulture),
        m.Name, m.Step.ToString(CultureInfo.InvariantCulture), Exact(m.Tokens), Exact(m.Seconds), double.IsNaN(m.Value) ? "" : Exact(m.Value),
    ];

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
