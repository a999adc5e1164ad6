using static TorchSharp.torch;

namespace Allometry.Papers.MetroT0;

/// <summary>The three losses from logits, and the draw between them (metro-t0.md 1.4 and 4). All means are over the whole batch.</summary>
internal static class MetroLosses
{
    /// <summary>Of each row the smallest token whose cumulated probability exceeds u: logits [m, vocabulary], uniform [m], forbidden bool [vocabulary] -> int64 [m]. No gradient.</summary>
    public static Tensor Draw(Tensor logits, Tensor uniform, Tensor? forbidden = null)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope(); // several times the logits, in double precision too
        var allowed = forbidden is null ? logits.detach() : logits.detach().masked_fill(forbidden, double.NegativeInfinity);
        var cumulated = allowed.softmax(-1).to(float64).cumsum(-1);
        var total = cumulated.narrow(1, cumulated.size(1) - 1, 1);
        return cumulated.le(uniform.to(float64).unsqueeze(1) * total).sum(1).MoveToOuterDisposeScope();
    }

    /// <summary>-log p of each row's token: logits [m, vocabulary], int64 [m] -> [m]</summary>
    public static Tensor NegativeLogs(Tensor logits, Tensor tokens) => logits.logsumexp(1) - logits.gather(1, tokens.unsqueeze(1)).squeeze(1);

    /// <summary>L_rtd: detection [batch, length] against replaced bool, over the counted places.</summary>
    public static Tensor Detection(Tensor detection, Tensor replaced, Tensor counted) =>
        Entropies(detection, replaced).masked_select(counted).mean();

    /// <summary>Binary cross-entropy of each place.</summary>
    public static Tensor Entropies(Tensor detection, Tensor replaced) => nn.functional.softplus(detection, 1, 100) - (detection * replaced.to(detection.dtype));

    /// <summary>L_clm: the mean of -log p [m], each weighted by the probability [m] that its token was replaced, where that is asked for.</summary>
    public static Tensor Corrective(Tensor negativeLogs, Tensor detection, TokenWeights weights)
    {
        if (weights == TokenWeights.None) return negativeLogs.mean();
        var share = detection.detach().sigmoid();
        if (weights == TokenWeights.Normalized) share = share / share.mean();
        return (negativeLogs * share).mean();
    }

    /// <summary>L: the three losses with their weights.</summary>
    public static Tensor Together(Metro weights, Tensor generation, Tensor correction, Tensor detection) =>
        (weights.GeneratorWeight * generation) + (weights.CorrectiveWeight * correction) + (weights.DetectionWeight * detection);

    /// <summary>The places where a token was drawn that is another: bool.</summary>
    public static Tensor Replaced(Tensor corrupted, Tensor text, Tensor valid) => corrupted.ne(text).logical_and(valid);

    /// <summary>Share of pairs of a replaced and another place that detection puts in the right order, as a sum and the number of pairs (ties count half).</summary>
    public static (double Sum, double Count) Ordered(Tensor detection, Tensor replaced, Tensor counted)
    {
        using var scope = NewDisposeScope();
        var (high, low) = (detection.masked_select(replaced.logical_and(counted)), detection.masked_select(replaced.logical_not().logical_and(counted)).sort().Values);
        // How many lie below each, and how many not above: of a tie half counts.
        double Sum(bool right) => searchsorted(low, high, right: right).sum().item<long>();
        return ((Sum(false) + Sum(true)) / 2, (double)high.numel() * low.numel());
    }
}
