using Allometry.Kernels;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A transformation of the residual stream that keeps its shape [batch, length, model width].</summary>
public abstract class Mixer : nn.Module<Tensor, Context, Tensor>
{
    protected Mixer(string name) : base(name)
    {
    }

    /// <summary>The whole sublayer, x + mask * mixer(norm(x)), where a hand-written kernel covers it; null: it does not. The mask [batch, 1, model width] is asked for last.</summary>
    internal virtual Tensor? Fused(Tensor x, RowNormModule norm, Func<Tensor?> mask, Context context) => null;

    /// <summary>The transformation alone, where a hand-written kernel covers it; null: it does not.</summary>
    internal virtual Tensor? FusedAlone(Tensor x, Context context) => null;

    /// <summary>The matrices of a feed-forward whose function hand-written kernels know; null: it is none.</summary>
    internal virtual FeedForwardWeights? KernelWeights => null;

    /// <summary>Parts of it that, of so many ranks that train together, one alone computes and changes: what comes to them is sent there.</summary>
    internal virtual IEnumerable<(nn.Module Part, int Rank)> Placed(int ranks) => [];
}
