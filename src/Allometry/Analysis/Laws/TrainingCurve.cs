namespace Allometry.Analysis.Laws;

/// <summary>Loss along one training, by rising position (steps, tokens or compute).</summary>
public sealed record TrainingCurve(IReadOnlyList<double> At, IReadOnlyList<double> Loss)
{
    /// <summary>Half the width of the window, as a share of the position (Porian et al. 2024 smooth so).</summary>
    public const double Window = 0.05;

    /// <summary>Several values at one position are averaged: they are seeds.</summary>
    public static TrainingCurve Of(IEnumerable<(double At, double Loss)> points)
    {
        var ordered = points.GroupBy(point => point.At).OrderBy(group => group.Key).Select(group => (At: group.Key, Loss: group.Average(point => point.Loss))).ToArray();
        return new([.. ordered.Select(point => point.At)], [.. ordered.Select(point => point.Loss)]);
    }

    /// <summary>Each loss replaced by the mean of ln L within 5 % of its position.</summary>
    public TrainingCurve Smoothed()
    {
        double[] sums = new double[Loss.Count + 1], smooth = new double[Loss.Count];
        for (var i = 0; i < Loss.Count; i++) sums[i + 1] = sums[i] + Math.Log(Loss[i]);
        for (int i = 0, from = 0, to = 0; i < Loss.Count; i++)
        {
            while (At[from] < At[i] * (1 - Window)) from++;
            while (to < Loss.Count && At[to] <= At[i] * (1 + Window)) to++;
            smooth[i] = Math.Exp((sums[to] - sums[from]) / (to - from));
        }
        return this with { Loss = smooth };
    }

    /// <summary>Where the loss is first as low as this, between the points by ln L on ln position; null where it never is, or is so from the start.</summary>
    public double? First(double loss)
    {
        if (Loss.Count == 0 || Loss[0] <= loss) return null;
        for (var i = 1; i < Loss.Count; i++)
            if (Loss[i] <= loss)
            {
                var share = Math.Log(Loss[i - 1] / loss) / Math.Log(Loss[i - 1] / Loss[i]);
                return At[i - 1] * Math.Pow(At[i] / At[i - 1], share);
            }
        return null;
    }

    /// <summary>The loss at a position inside the curve, by ln L on ln position; NaN outside.</summary>
    public double Value(double at)
    {
        if (At.Count == 0 || at < At[0] || at > At[^1]) return double.NaN;
        var i = 1;
        while (i < At.Count - 1 && At[i] < at) i++;
        if (At.Count == 1) return Loss[0];
        var share = Math.Log(at / At[i - 1]) / Math.Log(At[i] / At[i - 1]);
        return Loss[i - 1] * Math.Pow(Loss[i] / Loss[i - 1], share);
    }
}
