namespace Allometry.Reports;

/// <param name="Name">Also the name of its CSV file.</param>
public sealed record Chart(string Name, string Title, Axis X, Axis Y, IReadOnlyList<Series> Series, string Note = "", Size Size = Size.Full) : Block
{
    public bool IsEmpty => Series.All(series => series.Points.Count == 0);

    /// <summary>The same numbers as rows; of each series at most so many, evenly chosen, the first and the last among them.</summary>
    public Table Numbers(int most = int.MaxValue) => new(
        Name, Title,
        [
            Column.Words("series", "Series"), Column.Words("label", "Label"), new("x", X.Title, X.Unit), new("y", Y.Title, Y.Unit),
            new("low", "Low", Y.Unit), new("high", "High", Y.Unit),
        ],
        [.. from series in Series where series.Mark is not (Mark.Guide or Mark.Steps or Mark.Links) from point in Thinned(series.Points, most) select Row(series, point)]);

    private static IReadOnlyList<Cell> Row(Series series, Point point) =>
        [Cell.Of(series.Name), Cell.Of(point.Label ?? ""), .. new double?[] { point.X, point.Y, point.Low, point.High }.Select(Number)];

    private static Cell Number(double? value) => Cell.Of(value, number => Numerals.Plain(number, 5));

    private static IEnumerable<Point> Thinned(IReadOnlyList<Point> points, int most) =>
        points.Count <= most ? points : Enumerable.Range(0, most).Select(i => points[(int)((long)i * (points.Count - 1) / (most - 1))]);
}
