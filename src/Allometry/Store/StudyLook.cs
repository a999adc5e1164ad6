namespace Allometry.Store;

/// <summary>Questions about a store that an index answers: what they take grows with the answer, not with all that was measured. One thread at a time may ask.</summary>
public sealed class StudyLook(StudyStore store)
{
    /// <summary>Changes whenever another process has written.</summary>
    public long Version() => store.Connection.Scalar<long>("pragma data_version");

    /// <summary>How many runs there are.</summary>
    public int Runs() => (int)store.Connection.Scalar<long>("select count(*) from runs");

    /// <summary>The last attempt of each run that was tried, with the state that it is in.</summary>
    public IReadOnlyDictionary<string, Attempt> LastAttempts() => store.Connection.Query(
        $"select {StudyStore.AttemptColumns} from attempts a where number = (select max(number) from attempts b where b.run = a.run)", StudyStore.AttemptOf)
        .Select(attempt => store.Standing(attempt) is var (state, reason) ? attempt with { State = state, Reason = reason } : attempt)
        .ToDictionary(attempt => attempt.Run);

    /// <summary>What a run has measured: each name once.</summary>
    public IReadOnlyList<string> Names(string run) => store.Connection.Query(
        """
        with recursive names(name) as (
            select min(name) from measurements where run = $0
            union all
            select (select min(name) from measurements where run = $0 and name > names.name) from names where names.name is not null)
        select name from names where name is not null
        """,
        row => row.GetString(0), run);

    /// <summary>The latest measurement of this name that counts, or null.</summary>
    public Measurement? Last(string run, string name) => store.Connection.Query(
        $"select name, step, value, tokens, seconds from measurements m where run = $0 and name = $1 and {StudyStore.Counts} order by step desc limit 1",
        StudyStore.MeasurementOf, run, name).SingleOrDefault();

    /// <summary>The latest measurement of every name.</summary>
    public IReadOnlyList<Measurement> Lasts(string run) => [.. Names(run).Select(name => Last(run, name)).OfType<Measurement>()];

    /// <summary>A curve as the means of at most about so many windows of steps; a shorter one as it was measured.</summary>
    public IReadOnlyList<Measurement> Curve(string run, string name, int windows)
    {
        var (first, last) = store.Connection.Query(
            "select coalesce(min(step), 0), coalesce(max(step), 0) from measurements where run = $0 and name = $1", row => (row.GetInt64(0), row.GetInt64(1)), run, name).Single();
        return store.Connection.Query(
            $"select name, max(step), avg(value), avg(tokens), avg(seconds) from measurements m where run = $0 and name = $1 and {StudyStore.Counts} group by (step - $2) / $3 order by 2",
            StudyStore.MeasurementOf, run, name, first, Math.Max(1, (last - first + windows) / windows));
    }
}
