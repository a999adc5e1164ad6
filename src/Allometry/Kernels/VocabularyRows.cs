using System.Runtime.Intrinsics;

namespace Allometry.Kernels;

/// <summary>Cross-entropy of one row of logits.</summary>
internal static unsafe class VocabularyRows
{
    /// <summary>The loss (smoothed, with z-loss) and the plain cross-entropy of one target; where asked the logits become the loss's gradient.</summary>
    public static (double Loss, double Plain) Loss(float* logits, int vocabulary, int target, float smoothing, float z, bool differentiate)
    {
        var (largest, sum) = Scan(logits, vocabulary, smoothing != 0);
        var score = logits[target];
        var total = Exponentials(logits, vocabulary, largest, differentiate);
        var logTotal = largest + Math.Log(total);
        var plain = logTotal - score;
        var loss = ((1 - smoothing) * plain) + (smoothing == 0 ? 0 : smoothing * (logTotal - (sum / vocabulary))) + (z * logTotal * logTotal);
        if (!differentiate) return (loss, plain);
        Scale(logits, vocabulary, (float)((1 + (2 * z * logTotal)) / total), -smoothing / vocabulary);
        logits[target] -= 1 - smoothing;
        return (loss, plain);
    }

    private static (float Largest, double Sum) Scan(float* logits, int count, bool sums)
    {
        var (even, odd) = (Lanes.All(float.NegativeInfinity), Lanes.All(float.NegativeInfinity));
        var i = 0;
        for (; i <= count - (2 * Lanes.Count); i += 2 * Lanes.Count)
            (even, odd) = (Vector512.Max(even, Vector512.Load(logits + i)), Vector512.Max(odd, Vector512.Load(logits + i + Lanes.Count)));
        for (; i < count; i += Lanes.Count) even = Vector512.Max(even, Lanes.Load(logits + i, count - i, float.NegativeInfinity));
        return (Lanes.Largest(Vector512.Max(even, odd)), sums ? Sum(logits, count) : 0);
    }

    private static double Sum(float* logits, int count)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < count; i += Lanes.Count) sum += Lanes.Load(logits + i, count - i);
        return Vector512.Sum(sum);
    }

    private static float Exponentials(float* logits, int count, float largest, bool store)
    {
        var shift = Lanes.All(largest);
        Vector512<float> even = default, odd = default;
        var i = 0;
        for (; i <= count - (2 * Lanes.Count); i += 2 * Lanes.Count)
        {
            var (a, b) = (Lanes.Exp(Vector512.Load(logits + i) - shift), Lanes.Exp(Vector512.Load(logits + i + Lanes.Count) - shift));
            (even, odd) = (even + a, odd + b);
            if (!store) continue;
            a.Store(logits + i);
            b.Store(logits + i + Lanes.Count);
        }
        for (; i < count; i += Lanes.Count)
        {
            var a = Lanes.Exp(Lanes.Load(logits + i, count - i, float.NegativeInfinity) - shift);
            even += a;
            if (store) Lanes.Store(a, logits + i, count - i);
        }
        return Vector512.Sum(even + odd);
    }

    private static void Scale(float* logits, int count, float factor, float offset)
    {
        var (factors, offsets) = (Lanes.All(factor), Lanes.All(offset));
        var i = 0;
        for (; i <= count - Lanes.Count; i += Lanes.Count) Lanes.MultiplyAdd(Vector512.Load(logits + i), factors, offsets).Store(logits + i);
        if (i < count) Lanes.Store(Lanes.MultiplyAdd(Lanes.Load(logits + i, count - i), factors, offsets), logits + i, count - i);
    }
}
