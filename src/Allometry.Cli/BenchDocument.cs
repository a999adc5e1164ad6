using Allometry.Benchmarks;
using Allometry.Training;

namespace Allometry.Cli;

/// <summary>One line of <c>bench --json</c>: milliseconds of a step, medians over rounds; memory in MiB, each peak of a process of its own.</summary>
public sealed record BenchDocument(
    string Shape, int Threads, double OursMs, double TwinMs, double LimitMs, double TwinOverOurs, double LimitOverOurs, double GapClosed, double TokensPerSecond, double FlopsPerSecond,
    BenchParts Ours, BenchParts Twin, BenchParts Limit, double Busy, string? Noise)
{
    private const double MiB = 1 << 20;

    /// <summary>What operands of products are: float32 or bfloat16.</summary>
    public string Precision { get; init; } = "float32";

    public double? OursPeakMiB { get; init; }

    public double? TwinPeakMiB { get; init; }

    /// <summary>The peak without the process itself, weights, gradients and optimiser state.</summary>
    public double? OursWorkingMiB { get; init; }

    public double? TwinWorkingMiB { get; init; }

    public double? WorkingOverTwin => OursWorkingMiB / TwinWorkingMiB;

    /// <summary>Greedy decoding with a cache and without.</summary>
    public DecodingSpeed? Decoding { get; init; }

    /// <summary>A feed-forward sublayer with eight experts beside the dense one of the same active size, forward and backward.</summary>
    public LayerSpeed? Experts { get; init; }

    /// <summary>Text into tokens, 10^6 bytes of UTF-8 a second by as many threads; null where there was no text to encode.</summary>
    public double? EncodingMBPerSecond { get; init; }

    public static BenchDocument Of(RaceResult race) => new(
        race.Shape.Name, race.Threads, 1e3 * race.Ours.Median.Total, 1e3 * race.Twin.Median.Total, 1e3 * race.Limit.Median.Total, race.TwinOverOurs, race.LimitOverOurs, race.GapClosed,
        race.TokensPerSecond, race.FlopsPerSecond, BenchParts.Of(race.Ours), BenchParts.Of(race.Twin), BenchParts.Of(race.Limit), race.Busy, race.Noise)
    {
        Precision = race.Shape.Precision == Kernels.Precision.Bfloat16 ? "bfloat16" : "float32",
    };

    public BenchDocument With(Peak ours, Peak twin) => this with
    {
        OursPeakMiB = ours.Bytes / MiB,
        TwinPeakMiB = twin.Bytes / MiB,
        OursWorkingMiB = ours.Working / MiB,
        TwinWorkingMiB = twin.Working / MiB,
    };
}

/// <summary>Milliseconds of the parts of a step, and its quartiles' distance as a share of the median.</summary>
public sealed record BenchParts(double ForwardMs, double BackwardMs, double UpdateMs, double Spread)
{
    public static BenchParts Of(RoundTimes times)
    {
        StepTimes median = times.Median;
        return new(1e3 * median.Forward, 1e3 * median.Backward, 1e3 * median.Update, times.Spread);
    }
}
