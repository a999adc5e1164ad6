namespace Allometry.Reports;

/// <param name="Name">Also the name of its CSV file.</param>
public sealed record Table(string Name, string Title, IReadOnlyList<Column> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows, string Note = "") : Block
{
    /// <summary>People are shown no more rows than this; files have all.</summary>
    public int MostRows { get; init; } = int.MaxValue;

    public IEnumerable<IReadOnlyList<Cell>> RowsShown => Rows.Take(MostRows);

    /// <summary>The columns for a page, or the fewer for a console.</summary>
    public IEnumerable<Column> ColumnsFor(Shown place) => Columns.Where(column => column.Shown <= place);

    public IEnumerable<Cell> CellsFor(Shown place, IReadOnlyList<Cell> row) => row.Where((_, column) => Columns[column].Shown <= place);

    /// <summary>What goes into files: columns without a name are only for people.</summary>
    public IEnumerable<(Column Column, Cell Cell)> Named(IReadOnlyList<Cell> row) => Columns.Zip(row).Where(pair => pair.First.Name.Length > 0);
}
