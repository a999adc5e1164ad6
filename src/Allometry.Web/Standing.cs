namespace Allometry.Web;

/// <summary>Where a study stands at one moment.</summary>
/// <param name="Version">Grows whenever something has changed.</param>
/// <param name="WorkedOn">Whether a process is at it now.</param>
/// <param name="SecondsLeft">Predicted, of what is not done; null where nothing is left or nothing was predicted.</param>
/// <param name="Rows">In the order of the plan.</param>
public sealed record Standing(string Name, long Version, bool WorkedOn, double? SecondsLeft, IReadOnlyList<RunRow> Rows)
{
    /// <summary>How many runs are in each state that any is in.</summary>
    public IReadOnlyDictionary<string, int> Counts { get; private init; } = Rows.CountBy(row => row.State).ToDictionary();

    /// <summary>The same with only the rows that have changed since.</summary>
    public Standing Since(long version) => new(Name, Version, WorkedOn, SecondsLeft, [.. Rows.Where(row => row.Version > version)]) { Counts = Counts };
}
