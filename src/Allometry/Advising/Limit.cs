using Allometry.Kinds;
using Allometry.Reports;

namespace Allometry.Advising;

/// <summary>What a person can spend, in one of four measures.</summary>
/// <param name="Measure">flops, parameters, time or memory.</param>
/// <param name="Form">An amount of it in words.</param>
public sealed record Limit(string Measure, double Most, Func<Candidate, double> Of, Func<double, string> Form)
{
    public static Limit Flops(string text) => new("flops", Number("--flops", text, "3e15"), candidate => candidate.Load.TrainingFlops, Numerals.Flops);

    public static Limit Parameters(string text) => new("parameters", Number("--parameters", text, "20M"), candidate => candidate.Load.Parameters, amount => $"{Numerals.Count(amount)} parameters");

    public static Limit Memory(string text)
    {
        var binary = text.EndsWith("iB", StringComparison.Ordinal);
        var bare = text.EndsWith('B') ? text[..^(binary ? 2 : 1)] : text;
        var factor = !binary ? 1 : bare.LastOrDefault() switch { 'k' or 'K' => 1.024, 'M' => Math.Pow(1.024, 2), 'G' => Math.Pow(1.024, 3), _ => throw Unreadable("--memory", text, "4GB") };
        return new("memory", factor * Number("--memory", bare.Replace('K', 'k'), "4GB"), candidate => candidate.Load.MemoryBytes, Numerals.Bytes);
    }

    public static Limit Time(TimeSpan time) => new("time", time.TotalSeconds, candidate => candidate.Seconds, Numerals.Seconds);

    public bool Allows(Candidate candidate) => Of(candidate) <= Most;

    private static double Number(string option, string text, string example) => Quantity.TryNumber(text, out var value) && value > 0 ? value : throw Unreadable(option, text, example);

    private static InputException Unreadable(string option, string text, string example) => new(option, $"'{text}' is no amount", $"write for example {option} {example}");
}
