using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>What mixers remember from one decoding step to the next: for each, tensors of its own choosing whose first dimension is the batch.</summary>
public sealed class DecodeCache : IDisposable
{
    private readonly Dictionary<Mixer, Tensor[]> states = [];

    /// <summary>Positions decoded so far.</summary>
    public long Position { get; private set; }

    /// <summary>What the mixer stored last, or null at its first step.</summary>
    public Tensor[]? Load(Mixer mixer) => states.GetValueOrDefault(mixer);

    /// <summary>Replaces what the mixer remembers; the cache owns the tensors from now on.</summary>
    public void Store(Mixer mixer, params Tensor[] state)
    {
        foreach (var former in states.GetValueOrDefault(mixer, []))
            former.Dispose();
        states[mixer] = [.. state.Select(tensor => tensor.alias().DetachFromDisposeScope())];
    }

    public void Advance(long positions) => Position += positions;

    /// <summary>Puts row rows[i] of every state in the place of row i (int64 [batch]), as beam search needs.</summary>
    public void Reorder(Tensor rows)
    {
        foreach (var mixer in states.Keys.ToList())
            Store(mixer, [.. states[mixer].Select(tensor => tensor.index_select(0, rows))]);
    }

    public void Dispose()
    {
        foreach (var tensor in states.Values.SelectMany(state => state))
            tensor.Dispose();
        states.Clear();
    }
}
