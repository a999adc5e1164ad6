namespace Allometry.Reports;

/// <summary>What an axis divides a quantity by, so that its ticks are short; powers of ten are left to the ticks themselves.</summary>
public static class AxisScale
{
    private const double Mebi = 1 << 20;

    public static (double Scale, string Unit) Of(string unit) => unit == "bytes" ? (Mebi, "MiB") : (1, unit);
}
