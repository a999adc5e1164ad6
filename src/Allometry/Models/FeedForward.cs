using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A sublayer's transformation of each position by itself.</summary>
public abstract record FeedForward
{
    /// <summary>Parameters, FLOPs and bytes of this piece alone.</summary>
    public abstract Cost Count(Place place, Setting setting);

    /// <summary>The module whose parameters <see cref="Count"/> lists.</summary>
    public abstract Mixer Build(Place place);

    /// <summary>Whether training adds losses of its own to that of the predictions, such as one for an even load.</summary>
    public virtual bool AddsLosses => false;
}

/// <summary>Layers of a stack with different feed-forwards, such as dense ones and sparse ones.</summary>
[Kind("in-turn"), Description("Different feed-forwards from layer to layer, in turn.")]
public sealed record InTurnFeedForward : FeedForward, IChecked
{
    [Description("The first layer's, the second's, and so on; after the last the first again.")]
    public IReadOnlyList<FeedForward> Of { get; init; } = [new DenseFeedForward()];

    public override Cost Count(Place place, Setting setting) => At(place.Layer).Count(place, setting);

    public override Mixer Build(Place place) => At(place.Layer).Build(place);

    public override bool AddsLosses => Of.Any(choice => choice.AddsLosses);

    IEnumerable<(string? Member, string What, string Mend)> IChecked.Check() =>
        Of.Count > 0 ? [] : [(nameof(Of), "there is none", "name a feed-forward for each layer of the turn")];

    internal FeedForward At(int layer) => Of[layer % Of.Count];
}

/// <summary>output(activation(input(x)))</summary>
[Kind("dense")]
public sealed record DenseFeedForward : FeedForward
{
    [Description("The function between the two projections.")]
    public Activation Activation { get; init; } = new Relu();

    [Description("Whether the two projections have biases.")]
    public bool Biased { get; init; }

    public override Cost Count(Place place, Setting setting)
    {
        var (width, hidden) = (place.Shape.ModelWidth, place.Shape.FeedForwardWidth);
        var kept = setting.Plain && (Activation.KeepsInput || place.Architecture.Dropout > 0) ? 2 : 1;
        return new Cost(
            [.. Projection.Weights("input", width, hidden, Biased), .. Projection.Weights("output", hidden, width, Biased)],
            ForwardFlops: 4.0 * setting.Tokens * width * hidden,
            DecodeFlops: 4.0 * setting.Batch * width * hidden,
            ActivationBytes: 4 * setting.Tokens * ((setting.Plain ? width : 0) + kept * hidden));
    }

    public override Mixer Build(Place place) => new DenseFeedForwardModule(this, place);
}

internal sealed class DenseFeedForwardModule : Mixer
{
    private readonly Projection input, output;
    private readonly Activation activation;
    private readonly Dropout dropout;

    public DenseFeedForwardModule(DenseFeedForward choice, Place place) : base("feed-forward")
    {
        (activation, dropout) = (choice.Activation, new Dropout(place.Architecture.Dropout));
        input = Projection.FanIn(place, place.Shape.ModelWidth, place.Shape.FeedForwardWidth, WeightRole.FeedForward, biased: choice.Biased);
        output = Projection.FanIn(place, place.Shape.FeedForwardWidth, place.Shape.ModelWidth, WeightRole.FeedForward, biased: choice.Biased);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Context context) =>
        output.forward(dropout.Apply(activation.Apply(input.forward(x)), training));

    internal override FeedForwardWeights? KernelWeights => input.Bias is null && activation.Kernel is { } function ? new(null, input.Weight, output.Weight, function) : null;

    internal override Tensor? Fused(Tensor x, RowNormModule norm, Func<Tensor?> mask, Context context) => Fused(x, norm.Row, mask);

    internal override Tensor? FusedAlone(Tensor x, Context context) => Fused(x, null, () => null);

    private Tensor? Fused(Tensor x, RowNorm? norm, Func<Tensor?> mask) => activation.Kernel is not { } function
        ? null
        : FeedForwardKernel.Run(x, new(norm, null, input.Weight, output.Weight, function)
        {
            InputBias = input.Bias,
            OutputBias = output.Bias,
            HiddenMask = dropout.Mask(training, x, x.size(0), input.Weight.size(0)),
            OutputMask = mask(),
        });
}

/// <summary>output(activation(gate(x)) * input(x)), as in T5 1.1 (Shazeer 2020, arXiv 2002.05202).</summary>
[Kind("gated")]
public sealed record GatedFeedForward : FeedForward
{
    [Description("The function of the gate.")]
    public Activation Activation { get; init; } = new Gelu();

    [Description("Whether the three projections have biases.")]
    public bool Biased { get; init; }

    public override Cost Count(Place place, Setting setting)
    {
        var (width, hidden) = (place.Shape.ModelWidth, place.Shape.FeedForwardWidth);
        var kept = !setting.Plain ? 2 : Activation.KeepsInput ? 4 : 3;
        return new Cost(
            [.. Projection.Weights("gate", width, hidden, Biased), .. Projection.Weights("input", width, hidden, Biased), .. Projection.Weights("output", hidden, width, Biased)],
            ForwardFlops: 6.0 * setting.Tokens * width * hidden,
            DecodeFlops: 6.0 * setting.Batch * width * hidden,
            ActivationBytes: 4 * setting.Tokens * ((setting.Plain ? width : 0) + kept * hidden));
    }

    public override Mixer Build(Place place) => new GatedFeedForwardModule(this, place);
}

internal sealed class GatedFeedForwardModule : Mixer
{
    private readonly Projection gate, input, output;
    private readonly Activation activation;
    private readonly Dropout dropout;

    public GatedFeedForwardModule(GatedFeedForward choice, Place place) : base("feed-forward")
    {
        (activation, dropout) = (choice.Activation, new Dropout(place.Architecture.Dropout));
        gate = Projection.FanIn(place, place.Shape.ModelWidth, place.Shape.FeedForwardWidth, WeightRole.FeedForward, biased: choice.Biased);
        input = Projection.FanIn(place, place.Shape.ModelWidth, place.Shape.FeedForwardWidth, WeightRole.FeedForward, biased: choice.Biased);
        output = Projection.FanIn(place, place.Shape.FeedForwardWidth, place.Shape.ModelWidth, WeightRole.FeedForward, biased: choice.Biased);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Context context) =>
        output.forward(dropout.Apply(activation.Apply(gate.forward(x)) * input.forward(x), training));

    internal override FeedForwardWeights? KernelWeights => input.Bias is null && activation.Kernel is { } function ? new(gate.Weight, input.Weight, output.Weight, function) : null;

    internal override Tensor? Fused(Tensor x, RowNormModule norm, Func<Tensor?> mask, Context context) => Fused(x, norm.Row, mask);

    internal override Tensor? FusedAlone(Tensor x, Context context) => Fused(x, null, () => null);

    private Tensor? Fused(Tensor x, RowNorm? norm, Func<Tensor?> mask) => activation.Kernel is not { } function
        ? null
        : FeedForwardKernel.Run(x, new(norm, gate.Weight, input.Weight, output.Weight, function)
        {
            GateBias = gate.Bias,
            InputBias = input.Bias,
            OutputBias = output.Bias,
            HiddenMask = dropout.Mask(training, x, x.size(0), input.Weight.size(0)),
            OutputMask = mask(),
        });
}
