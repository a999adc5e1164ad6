using System.Globalization;

namespace Allometry.Cli;

/// <summary>Numbers for people.</summary>
public static class Figures
{
    private static readonly string[] Prefixes = ["", "k", "M", "G", "T", "P", "E", "Z"];

    /// <summary>Three digits and an SI prefix: 15.6 M.</summary>
    public static string Short(double value)
    {
        var power = value >= 1000 ? Math.Min(Prefixes.Length - 1, (int)Math.Floor(Math.Log10(value) / 3)) : 0;
        var scaled = value / Math.Pow(1000, power);
        return $"{scaled.ToString(power == 0 && scaled == Math.Floor(scaled) ? "0" : scaled < 10 ? "0.00" : scaled < 100 ? "0.0" : "0", CultureInfo.InvariantCulture)} {Prefixes[power]}".TrimEnd();
    }

    public static string Bytes(double bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1L << 30):0.0} GiB"),
        >= 1L << 20 or 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1L << 20):0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1L << 10):0} KiB"),
    };

    public static string Exact(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Percent(double share) => (100 * share).ToString("0", CultureInfo.InvariantCulture) + " %";

    /// <summary>12 s, 3 min 05 s, 2 h 10 min.</summary>
    public static string Time(TimeSpan time) => time switch
    {
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:00} min"),
    };

    public static string Seconds(double seconds) => Time(TimeSpan.FromSeconds(Math.Min(seconds, 3e9)));
}
