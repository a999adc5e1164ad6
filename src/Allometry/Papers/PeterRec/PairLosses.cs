using static TorchSharp.torch;

namespace Allometry.Papers.PeterRec;

/// <summary>Losses of a target's score and that of an item that is not wanted, each [example]; means over examples. Through softplus, so that no score is too large for them.</summary>
public static class PairLosses
{
    /// <summary>-log sigmoid(wanted) - log(1 - sigmoid(other)), the authors' default.</summary>
    public static Tensor BinaryCrossEntropy(Tensor wanted, Tensor other) => (nn.functional.softplus(-wanted) + nn.functional.softplus(other)).mean();

    /// <summary>Bayesian personalised ranking (Rendle et al. 2009, arXiv 1205.2618): -log sigmoid(wanted - other).</summary>
    public static Tensor PersonalisedRanking(Tensor wanted, Tensor other) => nn.functional.softplus(other - wanted).mean();
}
