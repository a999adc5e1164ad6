namespace Allometry.Analysis.Similarity;

/// <summary>
/// The Hilbert-Schmidt independence criterion of two sets of features with linear kernels: <paramref name="Sum"/> is the squared norm of the cross-covariance before any division,
/// <paramref name="Unbiased"/> HSIC_1 of Song et al. 2012, which needs four examples.
/// </summary>
public sealed record Hsic(double Sum, double? Unbiased);

/// <summary>
/// Linear CKA (Kornblith et al. 2019, arXiv 1905.00414), biased and unbiased; null where it is not defined: one set is constant, or there are too few examples.
/// The biased one is near 1 by chance where there are not many more examples than features.
/// </summary>
public sealed record Cka(double? Linear, double? Unbiased)
{
    public static Cka Of(Hsic both, Hsic first, Hsic second) => new(Ratio(both.Sum, first.Sum, second.Sum), Ratio(both.Unbiased, first.Unbiased, second.Unbiased));

    internal static double? Ratio(double? both, double? first, double? second) => first > 0 && second > 0 ? both / (Math.Sqrt(first.Value) * Math.Sqrt(second.Value)) : null;
}
