using System.Runtime.Intrinsics;

namespace Allometry.Kernels;

/// <summary>What one query of one head does with its scores. Line and Unseen are rows of zeros where there is nothing to add: a load costs less than asking.</summary>
/// <param name="line">Bias of key 0; the following keys lie behind it.</param>
/// <param name="unseen">Added to the score of each key: 0, or <see cref="AttentionRows.Hidden"/> for padding.</param>
/// <param name="mask">Dropout of the weights of each key. Null: none.</param>
/// <param name="visible">Keys that the query may see at all: the first ones.</param>
/// <param name="keys">All keys.</param>
/// <param name="blind">Whether all keys that it may see are padding.</param>
internal readonly unsafe struct AttentionRow(float* line, float* unseen, float* mask, int visible, int keys, bool blind)
{
    public readonly float* Line = line, Unseen = unseen, Mask = mask;
    public readonly int Visible = visible, Keys = keys;
    public readonly bool Blind = blind;
}

/// <summary>Softmax over one row of scores, forward and backward.</summary>
internal static unsafe class AttentionRows
{
    /// <summary>A score so low that softmax gives exactly zero (Mesh TensorFlow's).</summary>
    public const float Hidden = -1e9f;

    /// <summary>Scores become exponentials (times dropout); the weights are these times the reciprocal. Returns the largest score and the reciprocal of the exponentials' sum.</summary>
    public static (float Largest, float Reciprocal) Exponentials(float* scores, AttentionRow row)
    {
        if (row.Blind) return Uniform(scores, row);
        float* line = row.Line, unseen = row.Unseen;
        var (largest, full, k) = (Lanes.All(float.NegativeInfinity), row.Visible / Lanes.Count * Lanes.Count, 0);
        for (; k < full; k += Lanes.Count)
        {
            var score = Vector512.Load(scores + k) + (Vector512.Load(line + k) + Vector512.Load(unseen + k));
            score.Store(scores + k);
            largest = Vector512.MaxNative(largest, score);
        }
        if (k < row.Visible) largest = Vector512.MaxNative(largest, Last(scores + k, row, k));
        var top = Lanes.Largest(largest);
        if (top == float.NegativeInfinity) return Overflow(scores, row);
        var sum = Exponentials(scores, Lanes.All(top), full);
        if (k < row.Visible)
        {
            var exponential = Lanes.ExpOfNoMoreThan88(Lanes.Load(scores + k, row.Visible - k, float.NegativeInfinity) - Lanes.All(top));
            Lanes.Store(exponential, scores + k, row.Visible - k);
            sum += exponential;
        }
        if (row.Mask != null) Multiply(scores, row.Mask, row.Visible);
        new Span<float>(scores + row.Visible, row.Keys - row.Visible).Clear();
        return (top, 1 / Vector512.Sum(sum));
    }

    /// <summary>
    /// From the scores and the gradients of the weights: scores become weights (times dropout), gradients become those of the scores.
    /// Weight times gradient is summed here rather than taken as output times its gradient, which is the same but for rounding: AdamW makes whole steps of what that leaves
    /// in keys whose true gradient is next to nothing.
    /// </summary>
    public static void Differentiate(float* scores, float* gradients, AttentionRow row, float largest, float reciprocal)
    {
        if (row.Blind)
        {
            DifferentiateUniform(scores, gradients, row, reciprocal);
            return;
        }
        var along = Lanes.All(Weigh(scores, gradients, row, largest, reciprocal));
        var k = 0;
        for (; k <= row.Visible - Lanes.Count; k += Lanes.Count) (Vector512.Load(scores + k) * (Vector512.Load(gradients + k) - along)).Store(gradients + k);
        if (k < row.Visible) Lanes.Store(Lanes.Load(scores + k, row.Visible - k) * (Lanes.Load(gradients + k, row.Visible - k) - along), gradients + k, row.Visible - k);
        if (row.Mask != null) Multiply(scores, row.Mask, row.Visible);
        new Span<float>(scores + row.Visible, row.Keys - row.Visible).Clear();
        new Span<float>(gradients + row.Visible, row.Keys - row.Visible).Clear();
    }

    /// <summary>Scores become weights; returns the sum of weight times gradient.</summary>
    private static float Weigh(float* scores, float* gradients, AttentionRow row, float largest, float reciprocal)
    {
        if (row.Mask != null) Multiply(gradients, row.Mask, row.Visible);
        float* line = row.Line, unseen = row.Unseen;
        var (shift, factor, sum, k) = (Lanes.All(largest), Lanes.All(reciprocal), Vector512<float>.Zero, 0);
        for (; k <= row.Visible - Lanes.Count; k += Lanes.Count)
        {
            var score = Vector512.Load(scores + k) + (Vector512.Load(line + k) + Vector512.Load(unseen + k));
            var weight = Lanes.ExpOfNoMoreThan88(score - shift) * factor;
            weight.Store(scores + k);
            sum = Lanes.MultiplyAdd(weight, Vector512.Load(gradients + k), sum);
        }
        if (k < row.Visible)
        {
            var weight = Lanes.ExpOfNoMoreThan88(Last(scores + k, row, k) - shift) * factor;
            Lanes.Store(weight, scores + k, row.Visible - k);
            sum = Lanes.MultiplyAdd(weight, Lanes.Load(gradients + k, row.Visible - k), sum);
        }
        return Vector512.Sum(sum);
    }

    private static Vector512<float> Exponentials(float* scores, Vector512<float> shift, int count)
    {
        Vector512<float> sum = default;
        for (var k = 0; k < count; k += Lanes.Count)
        {
            var exponential = Lanes.ExpOfNoMoreThan88(Vector512.Load(scores + k) - shift);
            exponential.Store(scores + k);
            sum += exponential;
        }
        return sum;
    }

    /// <summary>The biased scores of the last keys that can be seen, the lowest number after them.</summary>
    private static Vector512<float> Last(float* scores, AttentionRow row, int k)
    {
        var left = row.Visible - k;
        var score = Lanes.Load(scores, left, float.NegativeInfinity) + (Lanes.Load(row.Line + k, left) + Lanes.Load(row.Unseen + k, left));
        Lanes.Store(score, scores, left);
        return score;
    }

    private static void Multiply(float* x, float* by, int count)
    {
        for (var k = 0; k < count; k += Lanes.Count) Lanes.Store(Lanes.Load(x + k, count - k) * Lanes.Load(by + k, count - k), x + k, count - k);
    }

    /// <summary>Where nothing can be seen all scores are the hidden one, so all keys weigh the same, those after the query too, as in the plain computation.</summary>
    private static (float Largest, float Reciprocal) Uniform(float* scores, AttentionRow row)
    {
        for (var k = 0; k < row.Keys; k++) scores[k] = row.Mask == null ? 1 : row.Mask[k];
        return (Hidden, 1f / row.Keys);
    }

    /// <summary>Where every score has overflowed nothing can be said of the weights, as in the plain computation.</summary>
    private static (float Largest, float Reciprocal) Overflow(float* scores, AttentionRow row)
    {
        new Span<float>(scores, row.Keys).Fill(float.NaN);
        return (float.NaN, float.NaN);
    }

    private static void DifferentiateUniform(float* scores, float* gradients, AttentionRow row, float reciprocal)
    {
        var along = 0f;
        for (var k = 0; k < row.Keys; k++) along += reciprocal * gradients[k] * (row.Mask == null ? 1 : row.Mask[k]);
        for (var k = 0; k < row.Keys; k++)
        {
            var mask = row.Mask == null ? 1 : row.Mask[k];
            gradients[k] = reciprocal * ((gradients[k] * mask) - along);
            scores[k] = reciprocal * mask;
        }
    }
}
