namespace Allometry.Reports;

public sealed record Series(string Name, Mark Mark, IReadOnlyList<Point> Points);
