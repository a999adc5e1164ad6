using System.ComponentModel;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>What the loss has beside cross-entropy.</summary>
public sealed record LossOptions(
    [property: Description("Share of the target's probability that is spread over the vocabulary.")] double LabelSmoothing = 0,
    [property: Description("Weight of the squared logarithm of the softmax's denominator; T5 trained with 1e-4.")] double ZWeight = 0);

/// <summary>The loss of one batch.</summary>
/// <param name="Sum">Scalar to differentiate: over all target tokens, cross-entropy (smoothed) plus z-loss plus the model's auxiliary losses.</param>
/// <param name="CrossEntropy">Detached scalar: plain cross-entropy over all target tokens, in nats.</param>
/// <param name="Tokens">Target tokens that were not ignored.</param>
public sealed record LossTensors(Tensor Sum, Tensor CrossEntropy, long Tokens)
{
    /// <summary>What layers observed of the batch while training, such as <c>encoder.3/entropy</c>: shares, or means over its tokens.</summary>
    public IReadOnlyDictionary<string, double> Layers { get; init; } = Pass.Nothing;

    /// <summary>What else was measured of the batch, by name: a sum and what it is divided by. Made only where the model does not train.</summary>
    public IReadOnlyDictionary<string, (double Sum, double Count)>? Measures { get; init; }
}
