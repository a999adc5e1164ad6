namespace Allometry.Text;

/// <summary>One row of a table: its cells by column name, exactly as written, and the line of the file where it begins.</summary>
public sealed record Row(string File, int Line, IReadOnlyDictionary<string, string> Cells)
{
    public string Where => $"{File}:{Line}";
}
