namespace Allometry.Analysis.Laws;

/// <summary>How Chinchilla's law splits a budget C = 6ND: N = G (C/6)^a, D = (C/6)^(1-a) / G (Hoffmann et al. 2022, equation 4).</summary>
/// <param name="Exponent">a = beta / (alpha + beta).</param>
/// <param name="Scale">G = (alpha A / (beta B))^(1 / (alpha + beta)).</param>
public sealed record Allocation(double Exponent, double Scale)
{
    /// <param name="parameters">E, A, B, alpha, beta.</param>
    public static Allocation Of(IReadOnlyList<double> parameters)
    {
        var (a, b, alpha, beta) = (parameters[1], parameters[2], parameters[3], parameters[4]);
        return new(beta / (alpha + beta), Math.Pow(alpha * a / (beta * b), 1 / (alpha + beta)));
    }

    public double Parameters(double flops) => Scale * Math.Pow(flops / Compute.FlopsPerParameterAndToken, Exponent);

    public double Tokens(double flops) => Math.Pow(flops / Compute.FlopsPerParameterAndToken, 1 - Exponent) / Scale;
}
