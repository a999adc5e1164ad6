namespace Allometry.Analysis.Similarity;

/// <summary>
/// CKA from unbiased HSIC summed over batches (Nguyen et al. 2021, arXiv 2010.15327): its value depends on their size; one batch of everything gives the unbiased one.
/// Of a batch of fewer than four examples HSIC_1 is not defined, so it is left out.
/// </summary>
public sealed class MinibatchCka
{
    private double both, first, second;

    public void Add(Features x, Features y)
    {
        LinearCka.Check(x.Count, y.Count);
        if (x.Count < 4) return;
        both += LinearCka.ByFeatures(x, y).Unbiased!.Value;
        first += LinearCka.ByFeatures(x, x).Unbiased!.Value;
        second += LinearCka.ByFeatures(y, y).Unbiased!.Value;
    }

    /// <summary>Null where one of the sets is constant, or no batch had four examples.</summary>
    public double? Value => Cka.Ratio(both, first, second);
}
