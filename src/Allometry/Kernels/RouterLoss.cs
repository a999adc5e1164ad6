using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>What a router's decisions cost: over all rows the sum of probabilities, each times its expert's factor, and of squared logarithms of denominators.</summary>
/// <param name="Factors">[expert]</param>
/// <param name="Square">The factor of the squares.</param>
/// <param name="Mask">Which rows count; empty: all.</param>
internal sealed unsafe record RouterLoss(double[] Factors, double Square, bool[] Mask)
{
    /// <summary>From library operations: probabilities [row, expert] and logarithms of denominators [row, 1] -> []</summary>
    public Tensor Of(Tensor probabilities, Tensor? denominators)
    {
        var rows = probabilities.mv(tensor(Factors, dtype: probabilities.dtype, device: probabilities.device));
        if (Square != 0) rows += Square * denominators!.squeeze(1).square();
        return (Mask.Length == 0 ? rows : rows * tensor(Mask, device: rows.device)).sum();
    }

    /// <summary>The denominators may be absent where their squares do not count.</summary>
    public double Of(Matrix probabilities, Matrix denominators)
    {
        var sum = 0.0;
        for (var row = 0; row < probabilities.Rows; row++)
        {
            if (!Counts(row)) continue;
            var p = probabilities[row];
            for (var expert = 0; expert < Factors.Length; expert++) sum += p[expert] * Factors[expert];
            if (Square != 0) sum += Square * denominators[row][0] * denominators[row][0];
        }
        return sum;
    }

    /// <summary>Adds to the gradients of probabilities and, where their squares count, of the logarithms of denominators; the loss's own is given.</summary>
    public void Differentiate(double own, Matrix denominators, Matrix dProbabilities, Matrix dDenominators)
    {
        var factors = Factors.Select(factor => (float)(own * factor)).ToArray();
        for (var row = 0; row < dProbabilities.Rows; row++)
        {
            if (!Counts(row)) continue;
            var d = dProbabilities[row];
            for (var expert = 0; expert < factors.Length; expert++) d[expert] += factors[expert];
            if (Square != 0) dDenominators[row][0] += (float)(2 * own * Square * denominators[row][0]);
        }
    }

    private bool Counts(int row) => Mask.Length == 0 || Mask[row];
}
