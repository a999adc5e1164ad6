using System.Runtime.InteropServices;
using Allometry.Kernels;
using Allometry.Models;
using Allometry.Ranks;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Papers.Switch;

/// <summary>What the router of one layer decided for one batch, or for this process's rows of it.</summary>
/// <param name="Probabilities">[token, expert]</param>
/// <param name="Denominators">Logarithms of the softmax's, [token, 1], where a loss asks for them.</param>
/// <param name="Mask">Tokens that are routed, bool [token]; null: all.</param>
/// <param name="Dispatch">Where they go.</param>
internal sealed record Routing(Tensor Probabilities, Tensor? Denominators, Tensor? Mask, Dispatch Dispatch)
{
    /// <summary>What the rows of the whole batch add up to: the tokens whose first choice each expert is, those that are routed, those that are dropped.</summary>
    private double[] Whole { get; } = [.. Dispatch.Chosen.Select(tokens => (double)tokens), Dispatch.Routed, Dispatch.Dropped];

    /// <summary>The mask, read once; empty: all.</summary>
    private bool[] Real { get; init; } = [];

    private int Experts => Dispatch.Ends.Length;

    private double Routed => Math.Max(1, Whole[^2]);

    private double Dropped => Whole[^1];

    /// <summary>Softmax over logits [token, expert].</summary>
    public static (Tensor Probabilities, Tensor Denominators) Softmax(Tensor logits)
    {
        // libtorch's own over as few as experts are takes an exponential at a time: six times as long.
        var denominators = logits.logsumexp(-1, keepdim: true);
        return ((logits - denominators).exp(), denominators);
    }

    public static Routing Of((Tensor Probabilities, Tensor? Denominators) softmax, Tensor? mask, int group, int tries, Func<int, int, int> slots, Peers? peers = null)
    {
        using var scope = NewDisposeScope();
        var (p, experts) = (softmax.Probabilities.detach(), (int)softmax.Probabilities.size(1));
        bool[] real = mask is null ? [] : [.. Numbers<bool>(mask)];
        var dispatch = p.dtype == float64 ? Dispatch.Of(Numbers<double>(p), experts, real, group, tries, slots) : Dispatch.Of(Numbers<float>(p.to(float32)), experts, real, group, tries, slots);
        var routing = new Routing(softmax.Probabilities, softmax.Denominators, mask, dispatch) { Real = real };
        peers?.Sum(routing.Whole);
        return routing;
    }

    /// <summary>
    /// Balance: its weight x experts x sum of (share of tokens that choose an expert) x (its mean probability), the weight where both are even; the shares, counted before any token is dropped, have no gradient.
    /// z: its weight x the mean squared logarithm of the softmax's denominator. Of several processes each has what its rows add to the means. Null where neither weighs anything.
    /// </summary>
    public RouterLoss? Loss(double balance, double z)
    {
        if (balance == 0 && z == 0) return null;
        return new([.. Shares().Select(share => balance * Experts * share / Routed)], z / Routed, Real);
    }

    /// <summary>Keeps the load of each expert (1: an even share), the share of dropped tokens and the mean entropy of a token's probabilities in nats.</summary>
    public void Observe(Context context)
    {
        using var still = no_grad();
        foreach (var (expert, share) in Shares().Index()) context.Observe(FormattableString.Invariant($"load/{expert}"), share * Experts);
        context.Observe("dropped", Dropped / Routed);
        context.Observe("entropy", context.Pass.Peers.Sum(Sum(special.entr(Probabilities)).sum().ToDouble() / Routed));
    }

    private double[] Shares() => [.. Whole[..Experts].Select(tokens => tokens / Routed)];

    /// <summary>Over the tokens that are routed.</summary>
    private Tensor Sum(Tensor x) => (Mask is null ? x : x * Mask.unsqueeze(1)).sum([0]);

    // The scope around keeps the memory.
    private static ReadOnlySpan<T> Numbers<T>(Tensor tensor) where T : struct => MemoryMarshal.Cast<byte, T>(tensor.cpu().contiguous().bytes);
}
