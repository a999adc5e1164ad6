namespace Allometry.Analysis.Laws;

/// <summary>Bcrit(L) = Bstar / L^(1/alphaB) in tokens, and the trade of steps against tokens around it (McCandlish et al. 2018; Kaplan et al. 2020, section 5.1).</summary>
public sealed record CriticalBatchSize(double Bstar, double AlphaB)
{
    public double At(double loss) => Bstar / Math.Pow(loss, 1 / AlphaB);

    /// <summary>Steps that a batch far above the critical one would need for what a batch of <paramref name="batch"/> tokens does in <paramref name="steps"/>.</summary>
    public double LeastSteps(double steps, double batch, double loss) => steps / (1 + At(loss) / batch);

    /// <summary>Tokens that a batch far below the critical one would need.</summary>
    public double LeastTokens(double tokens, double batch, double loss) => tokens / (1 + batch / At(loss));
}
