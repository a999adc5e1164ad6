namespace Allometry.Reports;

/// <summary>A chart's axis: nothing is drawn without a unit.</summary>
/// <param name="Step">Distance of its ticks where only whole ones make sense; 0 leaves it to the renderer.</param>
/// <param name="Top">Where the picture ends: points above it are in the numbers only.</param>
public sealed record Axis(string Title, string Unit, bool Log = false, double Step = 0, double? Top = null)
{
    /// <summary>From here on numbers of one sign read better on a log scale.</summary>
    private const double Wide = 8;

    /// <summary>How far a training had come.</summary>
    public static Axis TokensSeen { get; } = new("Tokens seen, inputs and targets", "tokens");

    public string Unit { get; } = Unit.Length > 0 ? Unit : throw new ArgumentException($"The axis '{Title}' has no unit.", nameof(Unit));

    /// <summary>What is counted is its own unit.</summary>
    public string Label => Title.Equals(Unit, StringComparison.OrdinalIgnoreCase) ? Title : $"{Title} ({Unit})";

    public static Axis Over(string title, string unit, IEnumerable<double> values)
    {
        var finite = values.Where(double.IsFinite).DefaultIfEmpty(1).ToArray();
        return new(title, unit, finite.Min() > 0 && finite.Max() / finite.Min() >= Wide);
    }
}
