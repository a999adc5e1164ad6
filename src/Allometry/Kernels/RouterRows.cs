namespace Allometry.Kernels;

/// <summary>Softmax over rows that may be shorter than a register, forward and backward.</summary>
internal static unsafe class RouterRows
{
    /// <summary>Logits become probabilities; the logarithms of their denominators are written beside them where there is room.</summary>
    public static void Softmax(Matrix logits, float* denominators)
    {
        for (var row = 0; row < logits.Rows; row++)
        {
            var all = new Span<float>(logits[row], logits.Columns);
            var largest = all[0];
            foreach (var logit in all) largest = MathF.Max(largest, logit);
            for (var i = 0; i < all.Length; i++) all[i] -= largest;
            if (denominators != null) denominators[row] = largest;
        }
        for (var i = 0L; i < logits.Cells; i += Lanes.Count)
        {
            var left = (int)Math.Min(Lanes.Count, logits.Cells - i);
            Lanes.Store(Lanes.Exp(Lanes.Load(logits.Data + i, left)), logits.Data + i, left);
        }
        for (var row = 0; row < logits.Rows; row++)
        {
            var all = new Span<float>(logits[row], logits.Columns);
            var sum = 0f;
            foreach (var exponential in all) sum += exponential;
            for (var i = 0; i < all.Length; i++) all[i] /= sum;
            if (denominators != null) denominators[row] += MathF.Log(sum);
        }
    }

    /// <summary>From the gradients of probabilities and of the logarithms of denominators, either of which may be absent, those of the logits.</summary>
    public static void Differentiate(Matrix probabilities, float* dProbabilities, float* dDenominators, Matrix dLogits)
    {
        for (var row = 0; row < probabilities.Rows; row++)
        {
            float* p = probabilities[row], d = dLogits[row];
            var along = dDenominators == null ? 0 : -dDenominators[row];
            if (dProbabilities == null) Rows.Clear(dLogits.Slice(row, 1));
            else Rows.Copy(dProbabilities + (row * probabilities.Columns), d, probabilities.Columns);
            for (var i = 0; i < probabilities.Columns; i++) along += p[i] * d[i];
            for (var i = 0; i < probabilities.Columns; i++) d[i] = p[i] * (d[i] - along);
        }
    }
}
