using Allometry.Analysis;

namespace Allometry.Reports;

/// <summary>One cell: what a person reads, and the value itself for CSV and JSON (a string, a number, a bool, or nothing).</summary>
public sealed record Cell(string Text, object? Value)
{
    public static Cell Empty { get; } = new("–", null);

    public static Cell Of(string text) => new(text, text);

    public static Cell Of(long value, Func<double, string> form) => new(form(value), value);

    /// <summary>Numbers that are none (NaN, infinite) become empty: no format could carry them.</summary>
    public static Cell Of(double? value, Func<double, string> form) =>
        value is { } number && double.IsFinite(number) ? new(form(number), number) : Empty;

    /// <summary>Mean and, from two seeds on, the standard deviation.</summary>
    public static Cell Of(Spread? spread, Func<double, string> form)
    {
        if (spread is null) return Empty;
        var noise = spread.StandardDeviation is { } deviation ? $" ± {form(deviation)}" : "";
        return new(form(spread.Mean) + noise, spread.Mean);
    }

    /// <summary>The same for a clock, whose noise is a share of it.</summary>
    public static Cell OfClock(Spread? spread, Func<double, string> form)
    {
        if (spread is null) return Empty;
        var noise = spread.StandardDeviation is { } deviation ? $" ± {Numerals.Plain(100 * deviation / spread.Mean, 1)} %" : "";
        return new(form(spread.Mean) + noise, spread.Mean);
    }
}
