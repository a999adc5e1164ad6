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

    /// <summary>The version with which its recipe was last found changed.</summary>
    public long Asked { get; init; }

    /// <summary>Whether the rows are all that there are.</summary>
    public bool Whole { get; private init; } = true;

    /// <summary>The same with only the rows that have changed since; with all of them where the recipe has, which may have taken some away.</summary>
    public Standing Since(long version) => version < Asked ? this : this with { Rows = [.. Rows.Where(row => row.Version > version)], Whole = false };
}
