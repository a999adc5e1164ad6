namespace Allometry.Reports;

/// <param name="Name">Also the name of its CSV file.</param>
public sealed record Table(string Name, string Title, IReadOnlyList<Column> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows, string Note = "") : Block
{
    public IEnumerable<Column> Shown => Columns.Where(column => !column.Detail);

    public IEnumerable<Cell> ShownOf(IReadOnlyList<Cell> row) => row.Where((_, column) => !Columns[column].Detail);
}
