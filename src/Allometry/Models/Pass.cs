using Allometry.Kernels;
using Allometry.Ranks;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>What one run through the whole model gathers beside its result: auxiliary losses and, when asked, hidden states.</summary>
public sealed class Pass(bool traced = false) : IDisposable
{
    private readonly List<Tensor> losses = [];
    private readonly Dictionary<string, List<Tensor>> states = [];
    private readonly Dictionary<string, double> observed = [];

    internal static readonly IReadOnlyDictionary<string, double> Nothing = new Dictionary<string, double>();

    /// <summary>Hidden states [batch, length, model width] by stack: the embedding's output, then each layer's, the last after the final norm.</summary>
    public IReadOnlyDictionary<string, List<Tensor>> States => states;

    /// <summary>Whether layers that train tell numbers of themselves.</summary>
    public bool Observes { get; init; }

    /// <summary>Numbers of the layers, such as <c>encoder.3/entropy</c>.</summary>
    public IReadOnlyDictionary<string, double> Observed => observed;

    /// <summary>The kind of each input token, int64 [batch, input], for a stack that tells kinds apart; null: all are of kind 0.</summary>
    public Tensor? TokenTypes { get; init; }

    /// <summary>Vectors [batch, input, model width] in the place of the input tokens' own; null: the embedding table's.</summary>
    internal Tensor? Vectors { get; init; }

    /// <summary>Whether it reads what an answer is then written to, token by token.</summary>
    public bool Writes { get; init; }

    /// <summary>Without hand-written kernels.</summary>
    public bool Plain { get; init; }

    /// <summary>Whether each layer is computed once more in the backward pass, which then needs to keep little.</summary>
    public bool Recompute { get; init; }

    /// <summary>What the operands of products are rounded to.</summary>
    public Precision Precision { get; init; }

    /// <summary>Who computes the other rows of the same batch; what is a mean over a batch's tokens is one over theirs too.</summary>
    public Peers Peers { get; init; } = Peers.Alone;

    /// <summary>Who is to know when a layer has been differentiated.</summary>
    internal GradientWatch? Watch { get; init; }

    /// <summary>Whether hand-written kernels may work on a tensor.</summary>
    internal bool Fuses(Tensor x) => !Plain && NativeCalls.AreThere && NativeCalls.Reaches(x);

    /// <summary>Adds a scalar loss of its own to the loss of each target token.</summary>
    public void Add(Tensor loss) => losses.Add(loss.alias().DetachFromDisposeScope());

    internal int LossCount => losses.Count;

    /// <summary>Takes back the losses that were added after the first so many.</summary>
    internal IReadOnlyList<Tensor> TakeLosses(int first)
    {
        var taken = losses[first..];
        losses.RemoveRange(first, taken.Count);
        return taken;
    }

    /// <summary>All auxiliary losses together, or null where there are none.</summary>
    public Tensor? Auxiliary() => losses.Count == 0 ? null : losses.Aggregate((sum, loss) => sum + loss);

    /// <summary>Keeps a number by its layer and name.</summary>
    public void Observe(string name, double value) => observed[name] = value;

    /// <summary>Keeps a hidden state of the named stack, if hidden states are asked for.</summary>
    public void Record(string stack, Tensor state)
    {
        if (!traced)
            return;
        if (!states.TryGetValue(stack, out var kept))
            states[stack] = kept = [];
        kept.Add(state.alias().DetachFromDisposeScope());
    }

    /// <summary>Keeps of every hidden state its last positions alone.</summary>
    internal void Trim(long positions)
    {
        foreach (var kept in states.Values)
            for (var i = 0; i < kept.Count; i++)
            {
                using var whole = kept[i];
                kept[i] = whole.narrow(1, whole.size(1) - positions, positions).DetachFromDisposeScope();
            }
    }

    /// <summary>Releases the losses; hidden states belong to whoever asked for them.</summary>
    public void Dispose() => losses.ForEach(loss => loss.Dispose());
}
