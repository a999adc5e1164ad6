namespace Allometry.Reports;

/// <param name="Name">In CSV and JSON: kebab-case, stable.</param>
public sealed record Column(string Name, string Title, string Unit = "", bool Numeric = true, Shown Shown = Shown.Everywhere)
{
    /// <summary>What is counted is its own unit.</summary>
    public string ShownUnit => Unit.Equals(Title, StringComparison.OrdinalIgnoreCase) ? "" : Unit;

    public static Column Words(string name, string title) => new(name, title, Numeric: false);

    /// <summary>What CSV says of a spread beside its mean.</summary>
    public static IEnumerable<Column> Details(string name) =>
        new[] { "min", "max", "sd", "n" }.Select(part => new Column($"{name}-{part}", "", Shown: Shown.InFiles));
}
