using System.Globalization;
using Allometry.Files;
using Allometry.Kinds;
using Microsoft.Data.Sqlite;

namespace Allometry.Store;

/// <summary>
/// What a study has done, in a folder: <c>study.db</c> and <c>artifacts/RUN/</c>. It knows ids, JSON and numbers, nothing of what they mean.
/// Measurements are only ever added; what a later attempt has done again is left out when they are read.
/// One process works on a study (<see cref="Open"/>), with others that work for it (<see cref="Join"/>); each run is written by one attempt at a time.
/// </summary>
public sealed class StudyStore : Ledger
{
    // What SQLite calls SQLITE_CORRUPT, SQLITE_CANTOPEN and SQLITE_NOTADB (sqlite.org/rescode.html).
    private const int Corrupt = 11, CannotOpen = 14, NoDatabase = 26;

    private const string PlannedRuns = "planned";
    private const string Abandoned = "the process ended";

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.5), DyingProcess = TimeSpan.FromSeconds(10);

    private readonly SqliteConnection connection;
    private readonly FileLock? held;
    private readonly Dictionary<string, FileLock> attempted = [];

    private StudyStore(string folder, SqliteConnection connection, FileLock? held = null) =>
        (Folder, this.connection, this.held) = (folder, connection, held);

    public override string Folder { get; }

    internal SqliteConnection Connection => connection;

    public static bool Exists(string folder) => File.Exists(DatabaseOf(folder));

    /// <summary>Whether a process has the store open for writing.</summary>
    public static bool IsWorkedOn(string folder) => FileLock.IsTaken(LockOf(folder));

    /// <summary>Opens a store for writing, alone; makes it where there is none.</summary>
    public static StudyStore Open(string folder)
    {
        var held = TakeFolder(folder);
        try
        {
            var store = new StudyStore(folder, Connect(folder, create: true), held);
            store.EndAbandoned();
            return store;
        }
        catch { held.Dispose(); throw; }
    }

    /// <summary>Opens a store that must exist for reading, beside whoever writes it.</summary>
    public static StudyStore Read(string folder)
    {
        if (!Exists(folder)) throw new InputException(folder, "there is no store here", "give the folder of a store (`allometry run` makes one)");
        var connection = Connect(folder, create: false);
        connection.Execute("pragma query_only = 1");
        return new(folder, connection);
    }

    /// <summary>Of a process that computes for the one that has the store open: it finds the files there, and the database stays with the other.</summary>
    public static StudyStore Follow(string folder) => new(folder, new SqliteConnection("Data Source=:memory:"));

    /// <summary>Opens a store for writing beside the process that has it open, which has checked it.</summary>
    public static StudyStore Join(string folder) => new(folder, Connect(folder, create: false));

    /// <summary>A fact about the whole study (its name, its recipe), or null.</summary>
    public string? Fact(string name) => connection.Scalar<string>("select value from facts where name = $0", name);

    public void SetFact(string name, string value) =>
        connection.Execute("insert into facts values ($0, $1) on conflict (name) do update set value = $1", name, value);

    /// <summary>Adds runs; one that is known keeps what is known about it, but takes its new place and, until it is first tried, its new prediction.</summary>
    public void Add(IEnumerable<StoredRun> runs) => InTransaction(() =>
    {
        foreach (var run in runs)
            connection.Execute("insert into runs values ($0, $1, $2, $3) on conflict (id) do update set position = $1, prediction = iif(exists (select 1 from attempts where run = $0), prediction, $3)", run.Id, run.Position, run.Description, run.Prediction);
    });

    public override IReadOnlyList<StoredRun> Runs() => connection.Query("select id, position, description, prediction from runs order by position, id", RunOf);

    /// <summary>The runs of the recipe as it was last run, and those of its earlier forms that have come to their ends.</summary>
    public IReadOnlyList<StoredRun> Current()
    {
        if (Planned is not { } planned) return Runs();
        HashSet<string> kept = [.. planned.Split('\n'), .. connection.Query("select distinct run from attempts where state = 'Done'", row => row.GetString(0))];
        return [.. Runs().Where(run => kept.Contains(run.Id))];
    }

    /// <summary>What changes when other runs become the recipe's; null before the first.</summary>
    public string? Planned => Fact(PlannedRuns);

    /// <summary>Says which runs are the recipe's as it is now.</summary>
    public void SetPlanned(IEnumerable<string> runs) => SetFact(PlannedRuns, string.Join('\n', runs));

    /// <summary>The machines, as attempts tell of them, that have done runs, in the order in which they came.</summary>
    public IReadOnlyList<string> Machines() => connection.Query("select machine from attempts where state = 'Done' group by machine order by min(started)", row => row.GetString(0));

    /// <summary>One run that is known.</summary>
    public StoredRun Run(string id) => connection.Query("select id, position, description, prediction from runs where id = $0", RunOf, id).Single();

    private static StoredRun RunOf(SqliteDataReader row) => new(row.GetString(0), row.GetInt32(1), row.GetString(2), row.GetString(3));

    /// <summary>
    /// Takes a run: no other process can until <see cref="End"/> or the end of this process, and what an earlier attempt still tries to write is refused.
    /// </summary>
    public override Attempt Begin(string run, long fromStep, string machine, string version)
    {
        Take(run);
        var attempt = new Attempt(run, 0, fromStep, Now, null, RunState.Running, null, machine, version);
        InTransaction(() =>
        {
            attempt = attempt with { Number = LastAttempt(run) + 1 };
            connection.Execute(
                "insert into attempts values ($0, $1, $2, $3, null, $4, null, $5, $6)", run, attempt.Number, fromStep, attempt.Started, nameof(RunState.Running), machine, version);
        });
        return attempt;
    }

    public override void Take(string run)
    {
        if (!attempted.ContainsKey(run)) attempted.Add(run, Take(RunLockOf(run), $"another process is working on the run {run}", DyingProcess));
    }

    public override void End(Attempt attempt, RunState state, string? reason = null)
    {
        connection.Execute(
            "update attempts set ended = $2, state = $3, reason = $4 where run = $0 and number = $1", attempt.Run, attempt.Number, Now, state.ToString(), reason);
        if (attempted.Remove(attempt.Run, out var taken)) taken.Dispose();
    }

    public IReadOnlyList<Attempt> Attempts(string run) => connection.Query(
        $"select {AttemptColumns} from attempts where run = $0 order by number", AttemptOf, run);

    /// <summary>The state of the last attempt; one that says it runs while no process has the run was interrupted.</summary>
    public override (RunState State, string? Reason) StateOf(string run) => Attempts(run) switch
    {
        [] => (RunState.Waiting, null),
        [.., var last] => Standing(last),
    };

    /// <summary>The state of a run whose last attempt this is.</summary>
    internal (RunState State, string? Reason) Standing(Attempt last) =>
        last.State == RunState.Running && !FileLock.IsTaken(RunLockOf(last.Run)) ? (RunState.Interrupted, Abandoned) : (last.State, last.Reason);

    public override void Record(Attempt attempt, IReadOnlyCollection<Measurement> measurements) => InTransaction(() =>
    {
        RefuseStale(attempt);
        Insert(attempt, measurements);
    });

    /// <summary>Takes over what attempts in other places have left in files: all of it or nothing; what is known already is taken over again.</summary>
    public void TakeOver(IReadOnlyCollection<AttemptRecord> attempts)
    {
        InTransaction(() =>
        {
            foreach (var record in attempts) Insert(record);
        });
        foreach (var run in attempts.Select(record => record.Attempt.Run).Distinct())
            if (attempted.Remove(run, out var taken)) taken.Dispose();
    }

    /// <summary>Takes over what an attempt that runs in another place has told so far. It counts as running as long as this process looks after it, until all of it is taken over.</summary>
    public void Watch(AttemptRecord sofar)
    {
        var run = sofar.Attempt.Run;
        Take(run);
        InTransaction(() => Insert(sofar));
    }

    public override IReadOnlyList<Measurement> Measurements(string run) => connection.Query(
        $"select name, step, value, tokens, seconds from measurements m where run = $0 and {Counts} order by name, step, rowid", MeasurementOf, run);

    /// <summary>Of a measurement m: no later attempt has done it again.</summary>
    internal const string Counts =
        """
        not exists (
            select 1 from attempts a where a.run = m.run and a.number > m.attempt and m.step > a.from_step) and not exists (
            select 1 from measurements n where n.run = m.run and n.name = m.name and n.step = m.step and n.attempt > m.attempt)
        """;

    internal static Measurement MeasurementOf(SqliteDataReader row) =>
        new(row.GetString(0), row.GetInt64(1), row.IsDBNull(2) ? double.NaN : row.GetDouble(2), row.GetDouble(3), row.GetDouble(4));

    public override Artifact? Artifact(string run, string name) => connection.Query(
        "select name, folder, facts from artifacts where run = $0 and name = $1",
        row => new Artifact(row.GetString(0), row.GetString(1), row.GetString(2)), run, name).SingleOrDefault();

    public override void Publish(Attempt attempt, Artifact artifact) => InTransaction(() =>
    {
        RefuseStale(attempt);
        Insert(attempt, artifact);
    });

    internal const string AttemptColumns = "run, number, from_step, started, ended, state, reason, machine, version";

    internal static Attempt AttemptOf(SqliteDataReader row) => new(
        row.GetString(0), row.GetInt32(1), row.GetInt64(2), row.GetDouble(3), row.IsDBNull(4) ? null : row.GetDouble(4),
        Enum.Parse<RunState>(row.GetString(5)), row.IsDBNull(6) ? null : row.GetString(6), row.GetString(7), row.GetString(8));

    public override void Dispose()
    {
        connection.Dispose();
        foreach (var taken in attempted.Values) taken.Dispose();
        held?.Dispose();
    }

    private void Insert(Attempt attempt, IEnumerable<Measurement> measurements)
    {
        foreach (var m in measurements)
            connection.Execute(
                "insert or replace into measurements values ($0, $1, $2, $3, $4, $5, $6)",
                attempt.Run, attempt.Number, m.Name, m.Step, double.IsFinite(m.Value) ? m.Value : null, m.Tokens, m.Seconds);
    }

    private void Insert(AttemptRecord record)
    {
        var (attempt, measurements, artifacts) = record;
        connection.Execute(
            "insert or replace into attempts values ($0, $1, $2, $3, $4, $5, $6, $7, $8)",
            attempt.Run, attempt.Number, attempt.FromStep, attempt.Started, attempt.Ended, attempt.State.ToString(), attempt.Reason, attempt.Machine, attempt.Version);
        Insert(attempt, measurements);
        foreach (var artifact in artifacts) Insert(attempt, artifact);
    }

    private void Insert(Attempt attempt, Artifact artifact) => connection.Execute(
        "insert into artifacts values ($0, $1, $2, $3) on conflict (run, name) do update set folder = $2, facts = $3", attempt.Run, artifact.Name, artifact.Folder, artifact.Facts);

    /// <summary>Attempts that a kill has left open.</summary>
    private void EndAbandoned()
    {
        foreach (var run in connection.Query("select distinct run from attempts where state = $0", row => row.GetString(0), nameof(RunState.Running)))
            if (!FileLock.IsTaken(RunLockOf(run)))
                connection.Execute("update attempts set ended = $1, state = $2, reason = $3 where run = $0 and state = $4", run, Now, nameof(RunState.Interrupted), Abandoned, nameof(RunState.Running));
    }

    private static string LockOf(string folder) => Path.Combine(folder, "lock");

    private string RunLockOf(string run) => Path.Combine(Folder, "locks", run);

    private int LastAttempt(string run) => (int)connection.Scalar<long>("select coalesce(max(number), 0) from attempts where run = $0", run);

    private void RefuseStale(Attempt attempt)
    {
        if (LastAttempt(attempt.Run) is var last && last != attempt.Number) throw Stale(attempt, last);
    }

    private static string DatabaseOf(string folder) => Path.Combine(folder, "study.db");

    private static FileLock TakeFolder(string folder)
    {
        try { Directory.CreateDirectory(Path.Combine(folder, "locks")); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(folder, $"the store's folder cannot be made: {error.Message}", "give a folder that can be written with --store");
        }
        return Take(LockOf(folder), "another process is working on this store", Moment);
    }

    private static FileLock Take(string path, string otherwise, TimeSpan patience) => FileLock.TryTake(path, patience)
        ?? throw new InputException(Path.GetDirectoryName(path)!, otherwise, "wait until it has ended, or give another folder with --store");

    private static SqliteConnection Connect(string folder, bool create)
    {
        var file = DatabaseOf(folder);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            Check(connection, file, create);
            return connection;
        }
        catch (Exception error)
        {
            connection.Dispose();
            if (error is SqliteException { SqliteErrorCode: Corrupt or CannotOpen or NoDatabase } broken) throw Unreadable(file, broken.Message);
            throw;
        }
    }

    private static void Check(SqliteConnection connection, string file, bool create)
    {
        connection.Execute("pragma busy_timeout = 5000");
        if (IsDamaged(connection, whole: create)) throw Unreadable(file, "it is damaged");
        if (create && Schema.Version(connection) == 0 && connection.Scalar<long>("select count(*) from sqlite_schema") == 0)
            connection.Execute($"pragma journal_mode = wal; pragma application_id = {Schema.ApplicationId.ToString(CultureInfo.InvariantCulture)}");
        if (connection.Scalar<long>("pragma application_id") != Schema.ApplicationId) throw Unreadable(file, "it is a database of another program");
        if (Schema.Version(connection) > Schema.Versions.Count)
            throw new InputException(file, "the store was made by a newer Allometry", "use that version, or another folder with --store");
        connection.Execute("pragma synchronous = full");
        Schema.Upgrade(connection, Schema.Versions);
    }

    /// <summary>Who reads looks only at what is small: all pages of ten million measurements take as long as a page may take to open.</summary>
    private static bool IsDamaged(SqliteConnection connection, bool whole)
    {
        string[] checks = whole ? ["1"] : [.. connection.Query("select name from sqlite_schema where type = 'table' and name in ('facts', 'attempts', 'artifacts')", row => row.GetString(0))];
        return checks.Any(what => connection.Scalar<string>($"pragma quick_check({what})") is not "ok");
    }

    private static InputException Unreadable(string file, string why) =>
        new(file, $"the store cannot be read: {why}", "restore it from a copy, or give another folder with --store");

    private void InTransaction(Action action)
    {
        using var transaction = connection.BeginTransaction();
        action();
        transaction.Commit();
    }
}
