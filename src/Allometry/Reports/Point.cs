namespace Allometry.Reports;

/// <param name="Low">Lower end of the error bar, where there is one.</param>
/// <param name="Label">Stands beside the point.</param>
/// <param name="Facts">Appear when the point is touched, a line each.</param>
public sealed record Point(double X, double Y, double? Low = null, double? High = null, string? Label = null, IReadOnlyList<string>? Facts = null);
