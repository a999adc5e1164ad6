namespace Allometry.Reports;

/// <param name="Name">In CSV and JSON: kebab-case, stable.</param>
/// <param name="Detail">Only in CSV and JSON: what a person reads is in a neighbour.</param>
public sealed record Column(string Name, string Title, string Unit = "", bool Numeric = true, bool Detail = false)
{
    public static Column Words(string name, string title) => new(name, title, Numeric: false);

    /// <summary>What CSV says of a spread beside its mean.</summary>
    public static IEnumerable<Column> Details(string name) =>
        new[] { "min", "max", "sd", "n" }.Select(part => new Column($"{name}-{part}", "", Detail: true));
}
