using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Store;

/// <summary>
/// The files of a run that is executed where the study's database is not, <c>runs/RUN/</c>: what is to be done, a claim for each attempt, what each has told, and which attempt's result is the run's.
/// Claims and the decision are files that only one process can make. An attempt writes into files and folders of its own and goes on from what it has moved over from those before it: so one that was given up and
/// goes on all the same can spoil nothing.
/// </summary>
public sealed class RunFolder(string store, string run)
{
    /// <summary>The folder among the artifacts of an attempt from which the next one goes on.</summary>
    public const string State = "state";

    /// <summary>The same of a training that comes before the run's own steps.</summary>
    public const string Preceding = "preceding";

    private const string Claims = "claim-", Decided = "decided.json", Begun = "begun.json", Ended = "ended.json", Measured = "measurements.jsonl", Made = "artifacts.json";

    private string Final => Path.Combine(store, "artifacts", run);

    /// <summary>How its files are written: numbers that are none have names.</summary>
    internal static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public string Run => run;

    public string Folder { get; } = Path.Combine(store, "runs", run);

    /// <summary>What is to be done, written before a job is submitted.</summary>
    public string Order => Path.Combine(Folder, "order.json");

    /// <summary>The number of the attempt whose result counts; null as long as none has ended the run.</summary>
    public int? Decision => ReadOwn<Deciding>(Path.Combine(Folder, Decided))?.Attempt;

    /// <summary>The last attempt that was claimed; 0 where none was.</summary>
    public int LastClaim => Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder, Claims + "*").Select(file => int.TryParse(Path.GetFileName(file.AsSpan())[Claims.Length..], CultureInfo.InvariantCulture, out var number) ? number : 0).DefaultIfEmpty(0).Max()
        : 0;

    /// <summary>Claims the next attempt, after all that were claimed and after <paramref name="known"/>: from then on what the earlier ones do counts no more.</summary>
    public int Claim(int known)
    {
        while (true)
        {
            var next = Math.Max(known, LastClaim) + 1;
            if (AtomicFile.TryCreate(Path.Combine(Folder, $"{Claims}{Name(next)}"), $"{Environment.MachineName} {Environment.ProcessId} {Guid.NewGuid():N}\n")) return next;
        }
    }

    /// <summary>Makes an attempt's result that of the run, and writes down what belongs to it; false where another attempt's is.</summary>
    public bool Decide(int attempt)
    {
        AtomicFile.TryCreate(Path.Combine(Folder, Decided), JsonSerializer.Serialize(new Deciding(attempt, Guid.NewGuid(), Belonging(attempt))));
        return Decision == attempt;
    }

    /// <summary>A file that belongs to the result, by the word of the attempt that has decided it, and is missing or cut short: the folder was copied in part, or another machine's files are seen late. Null where all are there.</summary>
    public string? Lacking() => ReadOwn<Deciding>(Path.Combine(Folder, Decided))?.Files?
        .Select(file => (Path: Path.Combine(store, file.Key), Length: file.Value))
        .Where(file => !File.Exists(file.Path) || new FileInfo(file.Path).Length < file.Length)
        .Select(file => file.Path).FirstOrDefault();

    /// <summary>The files of a result as they lie when it is settled, with their lengths. What JSON tells of itself whether it is whole needs none.</summary>
    private SortedDictionary<string, long> Belonging(int attempt)
    {
        var told =
            from number in Enumerable.Range(1, attempt)
            where Directory.Exists(Path.Combine(Folder, Name(number)))
            from file in Directory.EnumerateFiles(Path.Combine(Folder, Name(number)))
            let name = Path.GetFileName(file)
            where name is Begun or Ended or Measured or Made
            select (Path.GetRelativePath(store, file), name == Measured ? new FileInfo(file).Length : 0);
        var made =
            from artifact in Published(attempt)
            where Directory.Exists(Path.Combine(WorkOf(attempt), artifact.Folder))
            from file in Directory.EnumerateFiles(Path.Combine(WorkOf(attempt), artifact.Folder), "*", SearchOption.AllDirectories)
            select (Path.Combine("artifacts", run, Path.GetRelativePath(WorkOf(attempt), file)), new FileInfo(file).Length);
        return new(told.Concat(made).ToDictionary(), StringComparer.Ordinal);
    }

    /// <summary>Forgets the result, so that the run is done again.</summary>
    public void Reopen() => File.Delete(Path.Combine(Folder, Decided));

    /// <summary>Where an attempt tells what it does.</summary>
    public string FileOf(int attempt, string name) => Path.Combine(Folder, Name(attempt), name);

    /// <summary>Where an attempt makes its artifacts.</summary>
    public string WorkOf(int attempt) => Path.Combine(store, "artifacts", $"{run}.{Name(attempt)}");

    /// <summary>Moves what the attempts before one have made to where it goes on from: the newest state, and every published folder.</summary>
    public IReadOnlyList<Artifact> Gather(int before, string into)
    {
        List<Artifact> gathered = [];
        // One that was killed before it told what it took over has what an earlier one told.
        var published = Enumerable.Range(1, Math.Max(0, before - 1)).Reverse().SelectMany(Published).DistinctBy(artifact => artifact.Name).ToList();
        for (var number = before - 1; number > 0; number--)
        {
            AtomicFile.Sweep(WorkOf(number), abandoned: true);
            foreach (var artifact in published)
                if (Move(number, artifact.Folder, into)) gathered.Add(artifact);
        }
        // A kill in between is mended by the next attempt, since the state is moved last.
        GatherNewest(Preceding, before, into);
        GatherNewest(State, before, into);
        return gathered;
    }

    private void GatherNewest(string name, int before, string into)
    {
        for (var number = before - 1; number > 0 && !Directory.Exists(Path.Combine(into, name)); number--)
        {
            Move(number, name, into);
            if (Told(number) is not null) break; // it had taken over all that counted: what lies with earlier ones was saved after they were followed
        }
        if (into != Final && !Directory.Exists(Path.Combine(into, name))) Move(Path.Combine(Final, name), Path.Combine(into, name));
    }

    /// <summary>Puts the artifacts of the deciding attempt to their place, where a kill may have left them before it.</summary>
    public void Settle()
    {
        if (Decision is not { } number) return;
        foreach (var folder in Published(number).Select(artifact => artifact.Folder))
        {
            var to = Path.Combine(Final, folder);
            // One that followed may have gathered it before it learned that this one had decided.
            var made = Enumerable.Range(number, Math.Max(1, LastClaim - number + 1)).Select(later => Path.Combine(WorkOf(later), folder)).FirstOrDefault(Directory.Exists);
            if (made is not null && (made == Path.Combine(WorkOf(number), folder) || !Directory.Exists(to))) Replace(made, to);
        }
    }

    /// <summary>Removes what attempts have left of their work.</summary>
    public void Clean(int before)
    {
        for (var number = 1; number < before; number++)
            if (Directory.Exists(WorkOf(number))) AtomicFile.Delete(WorkOf(number));
    }

    /// <summary>What an attempt has published, as far as the run is decided or goes on from it.</summary>
    public IReadOnlyList<Artifact> Published(int attempt) => ReadOwn<List<Artifact>>(FileOf(attempt, Made)) ?? [];

    public void Publish(int attempt, IReadOnlyList<Artifact> artifacts) => AtomicFile.WriteText(FileOf(attempt, Made), JsonSerializer.Serialize(artifacts));

    /// <summary>How an attempt began and, if it has said so, ended.</summary>
    public Attempt? Told(int attempt) => ReadOwn<Attempt>(FileOf(attempt, Ended)) ?? ReadOwn<Attempt>(FileOf(attempt, Begun));

    public void Tell(Attempt attempt) => AtomicFile.WriteText(FileOf(attempt.Number, attempt.Ended is null ? Begun : Ended), JsonSerializer.Serialize(attempt));

    /// <summary>Adds measurements to those of an attempt: a line each, in one piece.</summary>
    public void Add(int attempt, IEnumerable<Measurement> measurements)
    {
        using var file = new FileStream(FileOf(attempt, Measured), FileMode.Append, FileAccess.Write, FileShare.Read);
        file.Write(System.Text.Encoding.UTF8.GetBytes(string.Concat(measurements.Select(one => JsonSerializer.Serialize(one, Json) + "\n"))));
        file.Flush(flushToDisk: true);
    }

    /// <summary>All attempts that count: those up to the deciding one.</summary>
    public IEnumerable<AttemptRecord> Attempts(int after = 0)
    {
        var last = Decision ?? LastClaim;
        for (var number = after + 1; number <= last; number++)
            if (Told(number) is { } attempt) yield return new(attempt, MeasurementsOf(number), number == Decision ? Published(number) : []);
    }

    /// <summary>What the attempts together have measured, as the database would tell it.</summary>
    public IReadOnlyList<Measurement> Measurements()
    {
        var attempts = Attempts().ToList();
        return
        [
            .. from record in attempts
               from m in record.Measurements
               where !attempts.Any(later => later.Attempt.Number > record.Attempt.Number && m.Step > later.Attempt.FromStep)
               group m by (m.Name, m.Step) into same
               orderby same.Key.Name, same.Key.Step
               select same.Last(),
        ];
    }

    /// <summary>Takes in a run that was executed elsewhere and is done, for attempts that look back at it.</summary>
    public void Import(Attempt attempt, IReadOnlyList<Measurement> measurements)
    {
        Tell(attempt with { Ended = attempt.Ended ?? attempt.Started });
        File.Delete(FileOf(attempt.Number, Measured));
        Add(attempt.Number, measurements);
        Decide(attempt.Number);
    }

    /// <summary>What an attempt has measured that is still at work, from a place in its file on, and the place up to which that is. A line that is still being written is left for the next time.</summary>
    public (IReadOnlyList<Measurement> Measured, long Place) MeasuredSince(int attempt, long place)
    {
        var name = FileOf(attempt, Measured);
        if (!File.Exists(name)) return ([], place);
        using var file = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[Math.Max(0, file.Length - place)];
        file.Position = place;
        var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var whole = bytes.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
        return ([.. System.Text.Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Line).OfType<Measurement>()], place + whole);
    }

    private IReadOnlyList<Measurement> MeasurementsOf(int attempt)
    {
        var file = FileOf(attempt, Measured);
        return File.Exists(file) ? [.. File.ReadLines(file).Select(Line).OfType<Measurement>()] : [];
    }

    /// <summary>Null for a line that was cut short by a kill: no checkpoint stands after it.</summary>
    private static Measurement? Line(string line)
    {
        try { return JsonSerializer.Deserialize<Measurement>(line, Json); }
        catch (JsonException) { return null; }
    }

    private bool Move(int attempt, string name, string into) => Move(Path.Combine(WorkOf(attempt), name), Path.Combine(into, name));

    /// <summary>Whether this process is the one that has moved a folder to where none was.</summary>
    private static bool Move(string from, string to)
    {
        if (!Directory.Exists(from) || Directory.Exists(to)) return false;
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        try
        {
            Directory.Move(from, to);
            return true;
        }
        catch (IOException) when (!Directory.Exists(from) || Directory.Exists(to)) { return false; }
    }

    /// <summary>Moves a folder to where another may be, which is put back where a second process has been faster.</summary>
    private static void Replace(string from, string to)
    {
        if (Move(from, to) || !Directory.Exists(from)) return; // nothing was there, or another process has been faster
        var away = AtomicFile.AwayFrom(to);
        var another = Move(to, away);
        if (!Move(from, to) && another) Move(away, to);
        if (Directory.Exists(away)) Directory.Delete(away, recursive: true);
    }

    private static T? ReadOwn<T>(string file) where T : class
    {
        try { return File.Exists(file) ? StoredJson.Read<T>(Reader.Text(file), file, "it was copied in part: copy the whole folder again, or delete the folder of this run to have it done again") : null; }
        catch (InputException) when (!File.Exists(file)) { return null; }
    }

    private static string Name(int attempt) => attempt.ToString("0000", CultureInfo.InvariantCulture);

    private sealed record Deciding(int Attempt, Guid By, IReadOnlyDictionary<string, long>? Files = null);
}
