using System.Globalization;
using System.Text.RegularExpressions;
using Allometry.Files;
using Allometry.Store;
using Tensorboard;

namespace Allometry.Reports.Exports;

/// <summary>
/// Measurements as TensorBoard reads them: a folder a run with one event file, a scalar a measurement. Scalars there are float32, and wall time is when the run was first tried plus the seconds that it has trained.
/// The events are TorchSharp's protobuf classes; its own writer opens the file again for every event and keeps wall time in float32, to two minutes.
/// </summary>
public static partial class TensorBoardExport
{
    /// <summary>What the first event of a file says (tensorflow/core/util/events_writer.cc).</summary>
    private const string Version = "brain.Event:2";

    private const int LongestName = 100;

    /// <summary>Gives the number of scalars; files of these names are replaced, others in the folder stay.</summary>
    public static long Write(IEnumerable<MeasuredRun> runs, string folder)
    {
        var scalars = 0L;
        foreach (var run in runs)
        {
            AtomicFile.Write(Path.Combine(folder, FolderOf(run), FileOf(run)), stream => Write(run, stream));
            scalars += run.Measurements.Count;
        }
        return scalars;
    }

    private static void Write(MeasuredRun run, Stream stream)
    {
        EventRecord.Write(stream, new Event { FileVersion = Version, WallTime = run.Started });
        foreach (var m in run.Measurements.OrderBy(m => m.Step)) EventRecord.Write(stream, EventOf(run, m));
    }

    private static Event EventOf(MeasuredRun run, Measurement m) => new()
    {
        WallTime = run.Started + m.Seconds,
        Step = m.Step,
        Summary = new() { Value = { new Summary.Types.Value { Tag = m.Name, SimpleValue = (float)m.Value } } },
    };

    /// <summary>What TensorBoard calls the run: its words as far as every file system takes them, and the beginning of its id.</summary>
    private static string FolderOf(MeasuredRun run)
    {
        var words = Unsafe().Replace(string.Join('-', new[] { run.Run.Shape, run.Run.Stage, run.Run.Task, run.Run.From, $"seed{run.Run.Seed}" }.Where(word => !string.IsNullOrEmpty(word))), "-").Trim('.');
        return $"{(words.Length > LongestName ? words[..LongestName] : words)}-{run.Id[..Math.Min(8, run.Id.Length)]}";
    }

    private static string FileOf(MeasuredRun run) => string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{(long)run.Started}.allometry");

    [GeneratedRegex(@"[^A-Za-z0-9._+]+")]
    private static partial Regex Unsafe();
}
