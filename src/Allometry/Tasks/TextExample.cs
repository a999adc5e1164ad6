namespace Allometry.Tasks;

/// <summary>One row as text in, text out, and the place that it came from (<c>file:line</c>).</summary>
public sealed record TextExample(string Input, string Target, string Where)
{
    private readonly IReadOnlyList<string>? references;

    /// <summary>Every right answer; the target alone where nothing else is said.</summary>
    public IReadOnlyList<string> References
    {
        get => references ?? [Target];
        init => references = value;
    }

    /// <summary>The texts among which the likeliest is taken, where this row has its own.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>The input with its columns changed, while the rows to take are still chosen by the unchanged one; null: nothing is changed.</summary>
    internal string? Reworded { get; init; }

    /// <summary>Columns that metrics ask for, by name; null where none does.</summary>
    public IReadOnlyDictionary<string, string>? Passed { get; init; }
}
