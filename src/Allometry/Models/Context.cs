using Allometry.Kernels;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>What the mixers of one stack may look at beside the residual stream, for one run through the stack.</summary>
public sealed class Context(Pass pass) : IDisposable
{
    /// <summary>A score so low that softmax gives exactly zero (Mesh TensorFlow's).</summary>
    public const double Hidden = AttentionRows.Hidden;

    private readonly Dictionary<string, Tensor> shared = [];
    private Tensor? given;

    public Pass Pass { get; } = pass;

    /// <summary>Real keys of self-attention, bool [batch, key], those in the cache included; null: all are real.</summary>
    public Tensor? KeyMask { get; init; }

    /// <summary>Whether a position sees only itself and those before it.</summary>
    public bool Causal { get; init; }

    /// <summary>So many first keys are seen from everywhere even where causal, as in a prefix language model.</summary>
    public long Prefix { get; init; }

    /// <summary>The encoder's output [batch, memory, model width] for cross-attention.</summary>
    public Tensor? Memory
    {
        get => Sharers == 1 || SharedMemory is null ? SharedMemory : Share("memory", () => SharedMemory.repeat_interleave(Sharers, 0));
        init => given = SharedMemory = value;
    }

    /// <summary>Real encoder positions, bool [batch, memory]; null: all are real.</summary>
    public Tensor? MemoryMask
    {
        get => Sharers == 1 || SharedMemoryMask is null ? SharedMemoryMask : Share("memory-mask", () => SharedMemoryMask.repeat_interleave(Sharers, 0));
        init => SharedMemoryMask = value;
    }

    /// <summary>So many rows, one after the other, look at the same row of the memory that was given.</summary>
    public long Sharers { get; init; } = 1;

    /// <summary>The memory as it was given, [batch / sharers, memory, model width]: who asks it once for all rows that share it saves the work of the others.</summary>
    internal Tensor? SharedMemory { get; private set; }

    internal Tensor? SharedMemoryMask { get; private init; }

    /// <summary>Set while decoding token by token.</summary>
    public DecodeCache? Cache { get; init; }

    /// <summary>The position table of the stack; the stack sets it.</summary>
    public PositionModule? Positions { get; set; }

    /// <summary>The tables that attentions of the stack ask for beside it (<see cref="Attention.Table"/>); the stack sets them.</summary>
    public IReadOnlyDictionary<Positions, PositionModule> Tables { get; set; } = new Dictionary<Positions, PositionModule>();

    /// <summary>Which positions of this run are no padding, bool [batch, length]; null: all of them.</summary>
    public Tensor? TokenMask
    {
        get => field ?? (KeyMask is null || Offset == 0 ? KeyMask : KeyMask.narrow(1, Offset, KeyMask.size(1) - Offset));
        init;
    }

    /// <summary>The layer that is computed, such as <c>encoder.3</c>; the stack sets it.</summary>
    public string Layer { get; set; } = "";

    /// <summary>Positions before the first one of this run.</summary>
    public long Offset => Cache?.Position ?? 0;

    internal IReadOnlyDictionary<string, Tensor> Shared => shared;

    /// <summary>
    /// Gives the next layer the memory as a view of its own, so that the gradients of one layer's readings are summed before those of other layers are added: in the same order, and to the same bits,
    /// whether layers are recomputed or not.
    /// </summary>
    internal void BeginLayer() => SharedMemory = given is { requires_grad: true } && is_grad_enabled() ? given.view_as(given) : given;

    /// <summary>A tensor that is computed once and shared by the layers of this run, for example an attention bias.</summary>
    public Tensor Share(string name, Func<Tensor> compute)
    {
        if (!shared.TryGetValue(name, out var tensor))
            shared[name] = tensor = compute().alias().DetachFromDisposeScope();
        return tensor;
    }

    /// <summary>Keeps a number of the layer that is computed: a share, or a mean over its tokens.</summary>
    public void Observe(string name, double value) => Pass.Observe($"{Layer}/{name}", value);

    /// <summary>What full self-attention adds to its scores: position bias and mask, [batch or 1, head or 1, query, key].</summary>
    public Tensor SelfBias(Tensor x) => Share("self-bias", () =>
    {
        var (queries, keys) = (x.size(1), Offset + x.size(1));
        var bias = Positions?.Bias(Offset, queries, keys) ?? zeros([1, 1, queries, keys], x.dtype, x.device);
        return Unseen(queries, keys, x.device) is { } unseen ? bias.masked_fill(unseen, Hidden) : bias;
    });

    /// <summary>What cross-attention adds to its scores, [batch, 1, 1, memory]; null: nothing.</summary>
    public Tensor? CrossBias(Tensor x) => CrossBias(x, "cross-bias", MemoryMask);

    /// <summary>The same for the memory as it was given, [batch / sharers, 1, 1, memory].</summary>
    internal Tensor? SharedCrossBias(Tensor x) => CrossBias(x, "shared-cross-bias", SharedMemoryMask);

    /// <summary>The bias of full self-attention by head and distance, where it is that simple and nothing is cached.</summary>
    internal Tensor? SelfLine(Tensor x) => Positions is { HasBias: true } positions && positions.Line(x.size(1), x.size(1)) is { } line ? Share("self-line", () => line) : null;

    public void Dispose()
    {
        foreach (var tensor in shared.Values)
            tensor.Dispose();
        shared.Clear();
    }

    private Tensor? CrossBias(Tensor x, string name, Tensor? mask) =>
        mask is null ? null : Share(name, () => zeros([], x.dtype, x.device).masked_fill(Invisible(mask), Hidden));

    private Tensor? Unseen(long queries, long keys, Device device)
    {
        var padded = KeyMask is null ? null : Invisible(KeyMask); // [batch, 1, 1, key]
        if (!Causal || queries == 1)
            return padded;
        var key = arange(keys, int64, device);
        var future = key.gt(arange(Offset, Offset + queries, int64, device).unsqueeze(1)).logical_and(key.ge(Prefix)); // [query, key]
        return padded is null ? future : future.logical_or(padded); // [batch, 1, query, key]
    }

    private static Tensor Invisible(Tensor mask) => mask.logical_not().unsqueeze(1).unsqueeze(1);
}
