namespace Allometry.Text;

/// <summary>One row of a table: its cells by column name, exactly as written, and the line of the file where it begins.</summary>
public sealed record Row(string File, int Line, IReadOnlyDictionary<string, string> Cells)
{
    /// <summary>Which part of what stands on that line, in words; null where it is all of it.</summary>
    public string? Within { get; init; }

    public string Where => Within is null ? $"{File}:{Line}" : $"{File}:{Line} ({Within})";
}
