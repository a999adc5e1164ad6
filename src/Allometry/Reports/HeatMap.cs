using System.Globalization;

namespace Allometry.Reports;

/// <summary>A number for each row and column, shown as a shade between 0 and 1.</summary>
/// <param name="Name">Also the name of its CSV file.</param>
public sealed record HeatMap(
    string Name, string Title, string RowTitle, string ColumnTitle, IReadOnlyList<string> Rows, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<double?>> Values, string Note = "") : Block
{
    /// <summary>A line for each number, as files hold them.</summary>
    public Table Numbers() => new(Name, Title, [Column.Words("row", RowTitle), Column.Words("column", ColumnTitle), new("value", "Value")],
        [.. Rows.SelectMany((row, i) => Columns.Select((column, j) => (IReadOnlyList<Cell>)[Cell.Of(row), Cell.Of(column), Cell.Of(Values[i][j], Numerals.Score)]))], Note);

    /// <summary>The numbers where they stand, for a page without shades.</summary>
    public Table Grid() => new(Name, Title, [Column.Words("row", $"{RowTitle} \\ {ColumnTitle}"), .. Columns.Select(column => new Column(column, column))],
        [.. Rows.Select((row, i) => (IReadOnlyList<Cell>)[Cell.Of(row), .. Values[i].Select(value => Cell.Of(value, Numerals.Score))])], Note);

    /// <summary>How strong the shade of a number is, 0 to 1; null: none.</summary>
    public static string? Shade(double? value) => value is { } number && double.IsFinite(number) ? Math.Clamp(number, 0, 1).ToString("0.###", CultureInfo.InvariantCulture) : null;
}
