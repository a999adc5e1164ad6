using Allometry.Kernels;
using Allometry.Ranks;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>What a layer may read of its context, so that it can be computed again when that context has gone. The tensors are kept apart: autograd keeps those.</summary>
/// <param name="Names">Of the shared tensors.</param>
internal sealed record ContextSnapshot(bool Plain, Precision Precision, bool Causal, long Prefix, PositionModule? Positions, IReadOnlyList<string> Names)
{
    private IReadOnlyDictionary<Positions, PositionModule> Tables { get; init; } = new Dictionary<Positions, PositionModule>();

    private string Layer { get; init; } = "";

    private Peers Peers { get; init; } = Peers.Alone;

    /// <summary>The snapshot and its tensors: memory, its mask, the masks of keys and of tokens, then what the layers share and a gradient is wanted for.</summary>
    public static (ContextSnapshot Snapshot, IReadOnlyList<Tensor?> Tensors) Of(Context context)
    {
        var shared = context.Shared.Where(pair => pair.Value.requires_grad).ToList();
        return (
            new(context.Pass.Plain, context.Pass.Precision, context.Causal, context.Prefix, context.Positions, [.. shared.Select(pair => pair.Key)]) { Tables = context.Tables, Layer = context.Layer, Peers = context.Pass.Peers },
            [context.SharedMemory, context.SharedMemoryMask, context.KeyMask, context.TokenMask, .. shared.Select(pair => pair.Value)]);
    }

    public Pass NewPass() => new() { Plain = Plain, Precision = Precision, Peers = Peers };

    public Context Restore(Pass pass, IReadOnlyList<Tensor?> tensors)
    {
        var context = new Context(pass) { Causal = Causal, Prefix = Prefix, Memory = tensors[0], MemoryMask = tensors[1], KeyMask = tensors[2], TokenMask = tensors[3] };
        (context.Positions, context.Tables, context.Layer) = (Positions, Tables, Layer);
        foreach (var (name, tensor) in Names.Zip(tensors.Skip(4))) context.Share(name, () => tensor!);
        return context;
    }
}
