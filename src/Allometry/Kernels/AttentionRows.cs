using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Allometry.Kernels;

/// <summary>What one query of one head does with its scores.</summary>
/// <param name="Line">Bias of key 0; the following keys lie behind it. Null: none.</param>
/// <param name="Unseen">Added to the score of each key: 0, or <see cref="AttentionRows.Hidden"/> for padding. Null: all are real.</param>
/// <param name="Mask">Dropout of the weights of each key. Null: none.</param>
/// <param name="Visible">Keys that the query may see at all: the first ones.</param>
/// <param name="Keys">All keys.</param>
internal readonly unsafe record struct AttentionRow(nint Line, nint Unseen, nint Mask, int Visible, int Keys)
{
    public float* LineAt(int key) => Line == 0 ? null : (float*)Line + key;

    public float* UnseenAt(int key) => Unseen == 0 ? null : (float*)Unseen + key;

    public float* MaskAt(int key) => Mask == 0 ? null : (float*)Mask + key;
}

/// <summary>Softmax over one row of scores, forward and backward.</summary>
internal static unsafe class AttentionRows
{
    /// <summary>A score so low that softmax gives exactly zero (Mesh TensorFlow's).</summary>
    public const float Hidden = -1e9f;

    /// <summary>Scores become exponentials (times dropout); the weights are these times the reciprocal. Returns the largest score and the reciprocal of the exponentials' sum.</summary>
    public static (float Largest, float Reciprocal) Exponentials(float* scores, AttentionRow row)
    {
        var largest = Lanes.All(float.NegativeInfinity);
        var k = 0;
        for (; k <= row.Visible - Lanes.Count; k += Lanes.Count) largest = Vector512.Max(largest, Score(scores + k, row, k, Lanes.Count));
        if (k < row.Visible) largest = Vector512.Max(largest, Score(scores + k, row, k, row.Visible - k));
        var top = Lanes.Largest(largest);
        if (top < Hidden / 2) return Uniform(scores, row);
        var (shift, sum) = (Lanes.All(top), Vector512<float>.Zero);
        for (k = 0; k <= row.Visible - Lanes.Count; k += Lanes.Count) sum += Exponential(scores + k, row, k, Lanes.Count, shift);
        if (k < row.Visible) sum += Exponential(scores + k, row, k, row.Visible - k, shift);
        new Span<float>(scores + row.Visible, row.Keys - row.Visible).Clear();
        return (top, 1 / Vector512.Sum(sum));
    }

    /// <summary>
    /// From the scores and the gradients of the weights: scores become weights (times dropout), gradients become those of the scores, and the line's gradient grows by them.
    /// Weight times gradient is summed here rather than taken as output times its gradient, which is the same but for rounding: AdamW makes whole steps of what that leaves
    /// in keys whose true gradient is next to nothing.
    /// </summary>
    public static void Differentiate(float* scores, float* gradients, AttentionRow row, float largest, float reciprocal, float* dLine)
    {
        if (largest < Hidden / 2)
        {
            DifferentiateUniform(scores, gradients, row, reciprocal);
            return;
        }
        var (shift, factor, sum) = (Lanes.All(largest), Lanes.All(reciprocal), Vector512<float>.Zero);
        var k = 0;
        for (; k <= row.Visible - Lanes.Count; k += Lanes.Count) sum += Weigh(scores + k, gradients + k, row, k, Lanes.Count, shift, factor);
        if (k < row.Visible) sum += Weigh(scores + k, gradients + k, row, k, row.Visible - k, shift, factor);
        var along = Lanes.All(Vector512.Sum(sum));
        for (k = 0; k <= row.Visible - Lanes.Count; k += Lanes.Count) Through(scores + k, gradients + k, row, k, Lanes.Count, along, dLine);
        if (k < row.Visible) Through(scores + k, gradients + k, row, k, row.Visible - k, along, dLine);
        new Span<float>(scores + row.Visible, row.Keys - row.Visible).Clear();
        new Span<float>(gradients + row.Visible, row.Keys - row.Visible).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Score(float* scores, AttentionRow row, int k, int left)
    {
        var score = Biased(Lanes.Load(scores, left, float.NegativeInfinity), row, k, left);
        Lanes.Store(score, scores, left);
        return score;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exponential(float* scores, AttentionRow row, int k, int left, Vector512<float> shift)
    {
        var exponential = Lanes.Exp(Lanes.Load(scores, left, float.NegativeInfinity) - shift);
        Lanes.Store(row.Mask == 0 ? exponential : exponential * Lanes.Load(row.MaskAt(k), left), scores, left);
        return exponential;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Weigh(float* scores, float* gradients, AttentionRow row, int k, int left, Vector512<float> shift, Vector512<float> factor)
    {
        var weight = Lanes.Exp(Biased(Lanes.Load(scores, left, float.NegativeInfinity), row, k, left) - shift) * factor;
        var gradient = Lanes.Load(gradients, left);
        Lanes.Store(weight, scores, left);
        if (row.Mask == 0) return weight * gradient;
        gradient *= Lanes.Load(row.MaskAt(k), left);
        Lanes.Store(gradient, gradients, left);
        return weight * gradient;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Through(float* scores, float* gradients, AttentionRow row, int k, int left, Vector512<float> along, float* dLine)
    {
        var weight = Lanes.Load(scores, left);
        var through = weight * (Lanes.Load(gradients, left) - along);
        Lanes.Store(through, gradients, left);
        if (row.Mask != 0) Lanes.Store(weight * Lanes.Load(row.MaskAt(k), left), scores, left);
        if (dLine != null) Lanes.Store(Lanes.Load(dLine + k, left) + through, dLine + k, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Biased(Vector512<float> score, AttentionRow row, int k, int left)
    {
        if (row.Line != 0) score += Lanes.Load(row.LineAt(k), left);
        if (row.Unseen != 0) score += Lanes.Load(row.UnseenAt(k), left);
        return score;
    }

    /// <summary>Where nothing can be seen all scores are the hidden one, so all keys weigh the same, those after the query too, as in the plain computation.</summary>
    private static (float Largest, float Reciprocal) Uniform(float* scores, AttentionRow row)
    {
        for (var k = 0; k < row.Keys; k++) scores[k] = row.Mask == 0 ? 1 : row.MaskAt(k)[0];
        return (Hidden, 1f / row.Keys);
    }

    private static void DifferentiateUniform(float* scores, float* gradients, AttentionRow row, float reciprocal)
    {
        var along = 0f;
        for (var k = 0; k < row.Keys; k++) along += reciprocal * gradients[k] * (row.Mask == 0 ? 1 : row.MaskAt(k)[0]);
        for (var k = 0; k < row.Keys; k++)
        {
            var mask = row.Mask == 0 ? 1 : row.MaskAt(k)[0];
            gradients[k] = reciprocal * ((gradients[k] * mask) - along);
            scores[k] = reciprocal * mask;
        }
    }
}
