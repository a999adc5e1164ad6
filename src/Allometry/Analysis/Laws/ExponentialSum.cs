namespace Allometry.Analysis.Laws;

/// <summary>
/// The logarithm of a sum of terms, each the exponential of something linear: ln(E + A/N^alpha + B/D^beta) with e = ln E, a = ln A, b = ln B.
/// A term is a list of (coefficient, feature) pairs; terms may share a coefficient.
/// </summary>
public sealed class ExponentialSum(params (int Coefficient, int Feature)[][] terms)
{
    // Flat arrays, since this is the inner loop of every fit.
    private readonly int[] ends = [.. terms.Select((_, i) => terms.Take(i + 1).Sum(term => term.Length))];
    private readonly int[] coefficientOf = [.. terms.SelectMany(term => term.Select(pair => pair.Coefficient))];
    private readonly int[] featureOf = [.. terms.SelectMany(term => term.Select(pair => pair.Feature))];

    public double Log(double[] coefficients, double[] features, double[] gradient)
    {
        var weights = new double[ends.Length];
        var largest = double.NegativeInfinity;
        for (int term = 0, k = 0; term < ends.Length; term++)
        {
            var exponent = 0.0;
            for (; k < ends[term]; k++) exponent += coefficients[coefficientOf[k]] * features[featureOf[k]];
            weights[term] = exponent;
            largest = Math.Max(largest, exponent);
        }
        var sum = 0.0;
        for (var term = 0; term < ends.Length; term++) sum += weights[term] = Math.Exp(weights[term] - largest);
        Array.Clear(gradient);
        for (int term = 0, k = 0; term < ends.Length; term++)
            for (var weight = weights[term] / sum; k < ends[term]; k++) gradient[coefficientOf[k]] += weight * features[featureOf[k]];
        return largest + Math.Log(sum);
    }
}
