using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>What is remembered from one written token to the next; the first dimension of every tensor is the row.</summary>
public sealed class DecodeCache : IDisposable
{
    // Room for so many positions at first; it doubles when they are used up.
    private const long FirstRoom = 16;

    private readonly Dictionary<Mixer, Tensor[]> states = [];
    private readonly Dictionary<Mixer, long> lengths = [];
    private Tensor[] prompt;

    /// <param name="prompt">What the model keeps of its inputs.</param>
    public DecodeCache(params Tensor[] prompt) => this.prompt = Kept(prompt);

    /// <summary>What the model keeps of its inputs.</summary>
    public IReadOnlyList<Tensor> Prompt => prompt;

    /// <summary>Positions decoded so far.</summary>
    public long Position { get; private set; }

    /// <summary>What the mixer stored last, or null at its first step.</summary>
    public Tensor[]? Load(Mixer mixer) => states.GetValueOrDefault(mixer);

    /// <summary>Replaces what the mixer remembers; the cache owns the tensors from now on.</summary>
    public void Store(Mixer mixer, params Tensor[] state)
    {
        Free(states.GetValueOrDefault(mixer, []));
        states[mixer] = Kept(state);
    }

    /// <summary>
    /// Puts tensors [row, head, length, width] behind what the mixer appended before and gives all of it: views into memory that grows by doubling, so that no step copies
    /// what is there already. They are valid until the next call.
    /// </summary>
    public Tensor[] Append(Mixer mixer, params Tensor[] tensors)
    {
        var length = lengths.GetValueOrDefault(mixer);
        var whole = length + tensors[0].size(2);
        if (Load(mixer) is not [var first, ..] || first.size(2) < whole)
            Store(mixer, [.. tensors.Select((tensor, i) => Grown(tensor, Load(mixer)?[i], length, Math.Max(FirstRoom, 2 * whole)))]);
        foreach (var (memory, tensor) in states[mixer].Zip(tensors))
            memory.narrow(2, length, tensor.size(2)).copy_(tensor);
        lengths[mixer] = whole;
        return [.. states[mixer].Select(memory => memory.narrow(2, 0, whole))];
    }

    public void Advance(long positions) => Position += positions;

    /// <summary>Puts row rows[i] of everything in the place of row i (int64): some rows may be left out, others stand several times.</summary>
    public void Choose(Tensor rows)
    {
        Tensor[] Chosen(Tensor[] tensors) => [.. tensors.Select(tensor => tensor.index_select(0, rows))];
        foreach (var mixer in states.Keys.ToList())
            Store(mixer, Chosen(states[mixer]));
        var former = prompt;
        prompt = Kept(Chosen(former));
        Free(former);
    }

    public void Dispose()
    {
        Free(prompt);
        foreach (var state in states.Values)
            Free(state);
        states.Clear();
    }

    private static Tensor Grown(Tensor like, Tensor? former, long length, long room)
    {
        var memory = empty([like.size(0), like.size(1), room, like.size(3)], like.dtype, like.device);
        if (former is not null)
            memory.narrow(2, 0, length).copy_(former.narrow(2, 0, length));
        return memory;
    }

    private static Tensor[] Kept(Tensor[] tensors) => [.. tensors.Select(tensor => tensor.alias().DetachFromDisposeScope())];

    private static void Free(Tensor[] tensors)
    {
        foreach (var tensor in tensors)
            tensor.Dispose();
    }
}
