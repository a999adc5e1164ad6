using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Cross-entropy with label smoothing and z-loss from library operations.</summary>
public static class CrossEntropy
{
    /// <summary>
    /// Sums over the rows whose target is not negative: (1 - smoothing) * CE + smoothing * mean over the vocabulary of -log p + z * (log Z)^2;
    /// beside it the plain sum of CE. Smoothing spreads over the whole vocabulary, the target included, as PyTorch does;
    /// the z-loss is Mesh TensorFlow's (transformer.py, _compute_loss).
    /// </summary>
    /// <param name="logits">[rows, vocabulary]</param>
    /// <param name="targets">int64 [rows]; negative: ignored</param>
    public static (Tensor Loss, Tensor Plain) Sums(Tensor logits, Tensor targets, double smoothing, double z)
    {
        var logProbabilities = logits.log_softmax(-1);
        var plain = -Weighted(logProbabilities.gather(1, targets.clamp_min(0).unsqueeze(1)).squeeze(1), targets);
        var loss = plain;
        if (smoothing != 0)
            loss = loss * (1 - smoothing) - smoothing * Weighted(logProbabilities.mean([-1]), targets);
        if (z != 0)
            loss = loss + z * Weighted((logits - logProbabilities).narrow(-1, 0, 1).squeeze(-1).square(), targets);
        return (loss, plain.detach());
    }

    private static Tensor Weighted(Tensor rows, Tensor targets) => (rows * targets.ge(0).to(rows.dtype)).sum();
}
