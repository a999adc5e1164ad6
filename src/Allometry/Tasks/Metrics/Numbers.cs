using System.Globalization;

namespace Allometry.Tasks.Metrics;

/// <summary>Predicted texts as numbers, for correlations.</summary>
internal static class Numbers
{
    /// <summary>T5's string_to_float: what Python reads as a float (outer space, sign, exponent, inf, nan), else -1.</summary>
    public static double Read(string text)
    {
        var word = text.Trim();
        return word.TrimStart('+', '-').ToLowerInvariant() is "inf" or "infinity" ? (word[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity)
            : double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : -1;
    }

    /// <summary>A correlation of predictions and targets, 0 where it is not defined.</summary>
    public static double Correlate(Answers answers, Func<double[], double[], double> correlation)
    {
        var value = correlation([.. answers.Predictions.Select(Read)], [.. answers.Targets.Select(Read)]);
        return double.IsFinite(value) ? value : 0;
    }
}
