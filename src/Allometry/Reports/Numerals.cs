using System.Globalization;

namespace Allometry.Reports;

/// <summary>Numbers for people, to three significant digits; CSV and JSON carry them exactly.</summary>
public static class Numerals
{
    private static readonly string[] Counts = ["", " k", " M", " B", " T"];
    private static readonly string[] Metric = [" ", " k", " M", " G", " T", " P", " E", " Z"];
    private static readonly string[] Binary = [" B", " KiB", " MiB", " GiB", " TiB"];

    public static string Count(double value) => Scaled(value, 1000, Counts);

    public static string Flops(double value) => Scaled(value, 1000, Metric) + "FLOP";

    public static string Bytes(double value) => Scaled(value, 1024, Binary);

    public static string Seconds(double value) => value switch
    {
        _ when !double.IsFinite(value) => Plain(value),
        < 1 => Plain(value * 1000) + " ms",
        < 59.95 => Plain(value) + " s",
        < 3599.5 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Math.Round(value) / 60):0} min {Math.Round(value) % 60:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Math.Round(value / 60) / 60):0} h {Math.Round(value / 60) % 60:00} min"),
    };

    /// <summary>1 is 100 %; a sign always, as of a difference.</summary>
    public static string Percent(double value) => Signed(100 * value, 2) + " %";

    /// <summary>1 is 100 %; a part of a whole.</summary>
    public static string Share(double value) => Plain(100 * value, 2) + " %";

    public static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Plain(double value, int digits = 3)
    {
        if (!double.IsFinite(value)) return "–";
        return value.ToString("N" + Decimals(value, digits).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    /// <summary>Scores and losses: three decimals, so that columns of them align.</summary>
    public static string Score(double value) => double.IsFinite(value) ? value.ToString("0.000", CultureInfo.InvariantCulture) : "–";

    public static string SignedScore(double value) => value.ToString("+0.000;−0.000;0.000", CultureInfo.InvariantCulture);

    public static string Signed(double value, int digits = 3) => value < 0 ? "−" + Plain(-value, digits) : "+" + Plain(value, digits);

    private static string Scaled(double value, double step, string[] prefixes)
    {
        if (!double.IsFinite(value)) return "–";
        var prefix = 0;
        while (Math.Round(value, Decimals(value, 3)) >= step && prefix < prefixes.Length - 1) (value, prefix) = (value / step, prefix + 1);
        return Plain(value, prefix == 0 && value == Math.Floor(value) ? 1 : 3) + prefixes[prefix];
    }

    /// <summary>How many decimals leave so many significant digits; of 9.996 to three digits it is 1, since it rounds to 10.0.</summary>
    private static int Decimals(double value, int digits)
    {
        if (value == 0) return 0;
        var magnitude = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        var rounded = Math.Round(Math.Abs(value) / Math.Pow(10, magnitude), digits - 1);
        return Math.Clamp(digits - 1 - magnitude - (rounded >= 10 ? 1 : 0), 0, 15);
    }
}
