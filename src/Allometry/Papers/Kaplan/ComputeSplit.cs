namespace Allometry.Papers.Kaplan;

/// <summary>How the best use of compute grows with it, by the exponents of L(N,S) and the critical batch (Kaplan et al. 2020, equations 6.1 to 6.4).</summary>
public sealed record ComputeSplit(double AlphaN, double AlphaS, double AlphaB)
{
    /// <summary>Of the loss in the least compute.</summary>
    public double AlphaC => 1 / (1 / AlphaS + 1 / AlphaB + 1 / AlphaN);

    public double Parameters => AlphaC / AlphaN;

    public double Batch => AlphaC / AlphaB;

    public double Steps => AlphaC / AlphaS;

    /// <summary>Batch times steps.</summary>
    public double Tokens => Batch + Steps;
}
