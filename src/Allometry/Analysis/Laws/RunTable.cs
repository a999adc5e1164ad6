using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Analysis.Laws;

/// <summary>Runs as rows with named columns, wherever they come from.</summary>
public sealed record RunTable(string Name, IReadOnlyList<string> Columns, IReadOnlyList<Row> Rows)
{
    /// <summary>Columns that tell apart what one law takes together; empty where nobody knows of any.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>A file of <see cref="Text.Rows"/>' formats.</summary>
    public static RunTable Read(string path)
    {
        if (TableFile.OnDisk(path) is null) throw new InputException(path, "there is neither a table nor a store here", "check the path");
        List<Problem> problems = [];
        var rows = Text.Rows.Read(path, problems.Add).ToArray();
        if (problems.Count > 0) throw new InputException(problems);
        if (rows.Length == 0) throw new InputException(path, "there are no rows in it", "give a table with a header and a row for each run");
        return new(path, [.. rows.SelectMany(row => row.Cells.Keys).Distinct()], rows);
    }
}
