namespace Allometry.Analysis.Laws;

/// <summary>
/// At one loss, what each batch needs: S = Smin + Emin/B (Kaplan et al. 2020, equation 5.1). Smin and Emin by least squares on relative residuals;
/// their ratio is the critical batch there.
/// </summary>
public sealed record EqualLoss(double Loss, double LeastSteps, double LeastTokens, IReadOnlyList<(double Batch, double Steps)> Contour)
{
    public const int FewestBatches = 3;

    public double CriticalBatch => LeastTokens / LeastSteps;

    /// <summary>Null where the contour is no such hyperbola: one of the minima would not be positive.</summary>
    public static EqualLoss? Of(double loss, IReadOnlyList<(double Batch, double Steps)> contour)
    {
        if (contour.Select(point => point.Batch).Distinct().Count() < FewestBatches) return null;
        // Both unknowns divided by S: 1 = Smin (1/S) + Emin (1/(B S)), a regression through two columns.
        double uu = 0, uv = 0, vv = 0, u1 = 0, v1 = 0;
        foreach (var (batch, steps) in contour)
        {
            var (u, v) = (1 / steps, 1 / (batch * steps));
            (uu, uv, vv, u1, v1) = (uu + u * u, uv + u * v, vv + v * v, u1 + u, v1 + v);
        }
        var determinant = uu * vv - uv * uv;
        var (leastSteps, leastTokens) = ((u1 * vv - v1 * uv) / determinant, (uu * v1 - uv * u1) / determinant);
        return leastSteps > 0 && leastTokens > 0 && double.IsFinite(leastSteps + leastTokens) ? new(loss, leastSteps, leastTokens, contour) : null;
    }
}
