namespace Allometry.Analysis.Laws;

/// <summary>FLOPs of a training as the papers on scaling laws estimate them; Allometry's own runs are counted instead.</summary>
public static class Compute
{
    /// <summary>Kaplan et al. 2020, section 2.1.</summary>
    public const double FlopsPerParameterAndToken = 6;

    public static double Of(double parameters, double tokens) => FlopsPerParameterAndToken * parameters * tokens;
}
