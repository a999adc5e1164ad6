using System.Globalization;

namespace Allometry.Analysis.Laws;

/// <summary>By a law one of whose exponents is not above zero more brings no better, which says of the runs that they differ in more than it reads: nothing is foretold from it.</summary>
public static class ExponentRule
{
    /// <summary>Null where all of them are above zero.</summary>
    public static string? Objection(string what, IEnumerable<(string Symbol, double Value)> exponents)
    {
        string[] wrong = [.. exponents.Where(exponent => exponent.Value <= 0).Select(exponent => string.Create(CultureInfo.InvariantCulture, $"{exponent.Symbol} = {exponent.Value:G3}"))];
        return wrong.Length == 0 ? null
            : $"What should be above zero is not ({string.Join(", ", wrong)}): the {what} does not go that way over these runs, which differ in more than the law reads, such as in how well their settings suit them. No {what} is foretold.";
    }
}
