using System.Globalization;
using System.Text.RegularExpressions;

namespace Allometry.Kinds;

/// <summary>
/// Numbers as people write them. Accepted: <c>4096</c>, <c>4_096</c> (underscores between groups of three digits), <c>-0.5</c>, <c>.5</c>, <c>1e-3</c>, and one of the
/// suffixes k, M, G or B, T (powers of 1,000) directly after a number without exponent: <c>2k</c>, <c>1.5M</c>.
/// Refused as ambiguous: leading zeros (<c>007</c>), hexadecimal and octal, thousands commas, <c>1.</c>, infinities and NaN.
/// </summary>
public static partial class Quantity
{
    private static readonly Dictionary<string, string> Exponents = new() { ["k"] = "e3", ["M"] = "e6", ["G"] = "e9", ["B"] = "e9", ["T"] = "e12" };

    [GeneratedRegex(@"^(?<number>[+-]?((0|[1-9][0-9]{0,2}(_[0-9]{3})+|[1-9][0-9]*)(\.[0-9]+)?|\.[0-9]+))((?<exponent>[eE][+-]?[0-9]{1,4})|(?<suffix>[kMGBT]))?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();

    [GeneratedRegex(@"^(?<number>[0-9]+(\.[0-9]+)?)(?<unit>ms|s|min|m|h|d)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex DurationForm();

    public static bool TryNumber(string text, out double value)
    {
        value = 0;
        return Plain(text) is { } plain && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && !(value == 0 && HasDigits(plain));
    }

    /// <summary>A whole number, however it is written: <c>1e6</c> and <c>1.5k</c> are whole.</summary>
    public static bool TryInteger(string text, out long value)
    {
        value = 0;
        if (Plain(text) is not { } plain || !decimal.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)) return false;
        if ((exact == 0 && HasDigits(plain)) || exact != decimal.Truncate(exact) || exact is < long.MinValue or > long.MaxValue) return false;
        value = (long)exact;
        return true;
    }

    /// <summary>A number directly followed by ms, s, m (or min), h or d: <c>90s</c>, <c>1.5h</c>.</summary>
    public static bool TryDuration(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (DurationForm().Match(text) is not { Success: true } match) return false;
        var unit = match.Groups["unit"].Value switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" or "min" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => TimeSpan.TicksPerDay,
        };
        if (!decimal.TryParse(match.Groups["number"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        if (number > long.MaxValue / unit) return false;
        value = TimeSpan.FromTicks((long)(number * unit));
        return true;
    }

    // A number too small for its type is not zero.
    private static bool HasDigits(string plain) => plain.Split('e', 'E')[0].AsSpan().ContainsAnyInRange('1', '9');

    /// <summary>In seconds, the form that <see cref="TryDuration"/> reads back exactly.</summary>
    public static string Text(TimeSpan duration) => FormattableString.Invariant($"{(decimal)duration.Ticks / TimeSpan.TicksPerSecond}s");

    // "1.5M" -> "1.5e6": the exponent is left to the parser, which rounds once.
    private static string? Plain(string text)
    {
        if (Form().Match(text) is not { Success: true } match) return null;
        var exponent = match.Groups["suffix"] is { Success: true } suffix ? Exponents[suffix.Value] : match.Groups["exponent"].Value;
        return match.Groups["number"].Value.Replace("_", "", StringComparison.Ordinal) + exponent;
    }
}
