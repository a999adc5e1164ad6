using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// Convolutions of what attention projects, each tap [heads * head width], that of the position itself first (<see cref="DepthwiseRows"/>).
/// Where there is none of queries they are a product of the keys that attention sees, and the query's matrix is [heads * head width, heads * head width].
/// </summary>
internal sealed record AttentionTaps(IReadOnlyList<Tensor>? Query, IReadOnlyList<Tensor> Key, IReadOnlyList<Tensor> Value)
{
    public IEnumerable<Tensor> All => (Query ?? []).Concat(Key).Concat(Value);

    /// <summary>The same with other tensors, in the order of <see cref="All"/>.</summary>
    public AttentionTaps With(Tensor[] all) => new(Query is null ? null : all[..^(Key.Count + Value.Count)], all[^(Key.Count + Value.Count)..^Value.Count], all[^Value.Count..]);
}

/// <summary>The convolutions of one call, over rows in memory.</summary>
internal sealed unsafe class Convolutions
{
    private readonly DepthwiseRows? query;
    private readonly DepthwiseRows key, value;

    private Convolutions(AttentionTaps taps, long length, byte* real)
    {
        query = taps.Query is null ? null : new(taps.Query, length, real);
        (key, value) = (new(taps.Key, length, real), new(taps.Value, length, real));
    }

    /// <summary>Null: the call has none.</summary>
    public static Convolutions? Of(AttentionCall call, long length, Scratch.Frame frame) => call.Taps is null ? null : new(call.Taps, length, Real(call.KeyMask, frame));

    /// <summary>From what was projected to what attention sees.</summary>
    public void Apply(AttentionFlow projected, AttentionFlow seen)
    {
        query?.Apply(projected.Query, seen.Query);
        key.Apply(projected.Key, seen.Key);
        value.Apply(projected.Value, seen.Value);
    }

    /// <summary>From the gradients of what attention saw to those of what was projected; those of the taps are added.</summary>
    public AttentionFlow Differentiate(AttentionFlow dSeen, AttentionFlow projected, Scratch.Frame frame, Gradients gradients)
    {
        var d = projected.Like(frame);
        query?.Differentiate(dSeen.Query, projected.Query, d.Query, frame, gradients);
        key.Differentiate(dSeen.Key, projected.Key, d.Key, frame, gradients);
        value.Differentiate(dSeen.Value, projected.Value, d.Value, frame, gradients);
        return d;
    }

    private static byte* Real(Tensor? mask, Scratch.Frame frame)
    {
        if (mask is null) return null;
        using var dense = mask.contiguous();
        var count = dense.numel();
        var real = (byte*)frame.Floats((count + sizeof(float) - 1) / sizeof(float));
        Buffer.MemoryCopy(NativeCalls.Bytes(dense), real, count, count);
        return real;
    }
}
