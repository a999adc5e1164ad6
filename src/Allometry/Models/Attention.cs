using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Models;

/// <summary>A sublayer's transformation that lets positions look at others: at those of its own stack, or (cross) at the encoder's.</summary>
public abstract record Attention
{
    /// <summary>Parameters, FLOPs and bytes of this piece alone.</summary>
    public abstract Cost Count(Place place, Setting setting);

    /// <summary>The module whose parameters <see cref="Count"/> lists.</summary>
    public abstract Mixer Build(Place place);

    /// <summary>Whether it is defined only where a position looks at its own stack and at none after it.</summary>
    public virtual bool CausalOnly => false;

    /// <summary>Whether it is defined only where a position looks at its own stack on both sides.</summary>
    public virtual bool TwoSidedOnly => false;

    /// <summary>Whether it counts positions from the beginning of a text, so that padding may stand behind it alone.</summary>
    public virtual bool PaddedBehind => false;

    /// <summary>Positions of a kind of its own, beside the architecture's: one table a stack, shared by all its layers that ask for the same; null: it needs none.</summary>
    public virtual Positions? Table => null;

    /// <summary>Itself, where it can stand.</summary>
    internal Attention At(Place place) => this switch
    {
        { CausalOnly: true } when place.Cross || !place.Causal || place.Architecture is DecoderOnly { Prefix: true } => throw Misplaced(
            place, $"looks at positions of its own stack that lie before, and here {(place.Cross ? "the encoder's are" : place.Causal ? "all inputs are" : "all are")} seen",
            "take it for the self-attention of a decoder: architecture 'decoder-only' without 'prefix', or the pattern of an encoder-decoder's decoder"),
        { TwoSidedOnly: true } when place.Cross || place.Causal => throw Misplaced(
            place, $"looks at positions of its own stack on both sides, and here {(place.Cross ? "the encoder's" : "only those before")} are seen",
            "take it for the self-attention of an encoder: in the pattern of its sublayers, { kind: self-attention, attention: ... }"),
        _ => this,
    };

    private InputException Misplaced(Place place, string what, string mend) => new(place.Cross ? "cross-attention" : "self-attention", $"'{Catalogue.NameOf(this)}' {what}", mend);
}

/// <summary>
/// T5's attention unless told otherwise: scores are not divided by the root of the head width (the query's first values are, instead), nothing has a bias,
/// and heads times head width need not be the model width.
/// </summary>
[Kind("multi-head")]
public sealed record MultiHeadAttention : Attention
{
    [Description("Whether scores are divided by the root of the head width, as in the original transformer.")]
    public bool Scaled { get; init; }

    [Description("Whether the four projections have biases.")]
    public bool Biased { get; init; }

    public override Cost Count(Place place, Setting setting)
    {
        double width = place.Shape.ModelWidth, inner = place.Shape.AttentionWidth;
        var keys = place.Cross ? setting.Memory : setting.Length;
        double queries = setting.Tokens, sources = (double)setting.Batch * keys;
        // A kernel keeps two numbers of each softmax, library operations the weights, before and after dropout.
        var weights = place.Shape.Heads * queries * (!setting.Plain ? 2 : keys * (place.Architecture.Dropout > 0 ? 2 : 1));
        return new Cost(
            Weights(place.Shape, Biased),
            ForwardFlops: 4 * (queries + sources) * width * inner + 4 * queries * keys * inner,
            DecodeFlops: setting.Batch * ((place.Cross ? 4 : 8) * width * inner + 4 * keys * inner),
            ActivationBytes: 4 * ((setting.Plain ? queries * width : 0) + 2 * (queries + sources) * inner + weights));
    }

    public override Mixer Build(Place place) => new MultiHeadAttentionModule(this, place);

    internal static Weight[] Weights(Shape shape, bool biased = false) =>
    [
        .. Projection.Weights("query", shape.ModelWidth, shape.AttentionWidth, biased),
        .. Projection.Weights("key", shape.ModelWidth, shape.AttentionWidth, biased),
        .. Projection.Weights("value", shape.ModelWidth, shape.AttentionWidth, biased),
        .. Projection.Weights("output", shape.AttentionWidth, shape.ModelWidth, biased),
    ];
}

internal sealed class MultiHeadAttentionModule : Mixer
{
    private readonly Projection query, key, value, output;
    private readonly Dropout dropout;
    private readonly MultiHeadAttention choice;
    private readonly bool cross;
    private readonly int heads;
    private readonly double scale;

    public MultiHeadAttentionModule(MultiHeadAttention choice, Place place) : base("attention")
    {
        (this.choice, cross, heads, dropout) = (choice, place.Cross, place.Shape.Heads, new Dropout(place.Architecture.Dropout));
        var (width, inner) = (place.Shape.ModelWidth, place.Shape.AttentionWidth);
        scale = Math.Pow(place.Shape.HeadWidth, -0.5);
        query = Projection.FanIn(place, width, inner, WeightRole.Attention, gain: choice.Scaled ? 1 : scale, choice.Biased);
        key = Projection.FanIn(place, width, inner, WeightRole.Attention, biased: choice.Biased);
        value = Projection.FanIn(place, width, inner, WeightRole.Attention, biased: choice.Biased);
        output = Projection.FanIn(place, inner, width, WeightRole.Attention, biased: choice.Biased);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Context context) => cross ? Attend(Asking(x, context), context).view_as(x) : Attend(x, context);

    /// <summary>Rows that share a memory ask it together, as if they were one longer row: what cross-attention gives a position does not depend on other positions.</summary>
    private static Tensor Asking(Tensor x, Context context) => context.Sharers == 1 ? x : x.reshape(x.size(0) / context.Sharers, -1, x.size(2)); // [batch / sharers, sharers * query, model width]

    private Tensor Attend(Tensor x, Context context)
    {
        var q = Heads.Split(choice.Scaled ? query.forward(x) * scale : query.forward(x), heads);
        var (k, v) = KeysAndValues(x, context);
        return output.forward(Heads.Mix(q, k, v, cross ? context.SharedCrossBias(x) : context.SelfBias(x), weights => dropout.Apply(weights, training)));
    }

    internal override Tensor? Fused(Tensor x, RowNormModule norm, Func<Tensor?> mask, Context context)
    {
        var biased = !cross && context.Positions is { HasBias: true };
        var line = biased ? context.SelfLine(x) : null;
        if (choice.Scaled || choice.Biased || context.Cache is not null || (biased && line is null)) return null;
        var memory = cross ? context.SharedMemory : null;
        if (memory is not null && !context.Pass.Fuses(memory)) return null;
        var (keys, asking) = ((memory ?? x).size(1), cross ? Asking(x, context) : x);
        return AttentionKernel.Run(asking, new(norm.Row, query.Weight, key.Weight, value.Weight, output.Weight, heads)
        {
            Memory = memory,
            Line = line,
            KeyMask = cross ? context.SharedMemoryMask : context.KeyMask,
            Causal = !cross && context.Causal,
            Prefix = context.Prefix,
            WeightMask = dropout.Mask(training, x, asking.size(0) * heads, keys),
            OutputMask = mask(),
        }).view_as(x);
    }

    private (Tensor Keys, Tensor Values) KeysAndValues(Tensor x, Context context)
    {
        if (cross && context.Cache?.Load(this) is [var knownKeys, var knownValues])
            return (knownKeys, knownValues);
        var source = cross ? context.SharedMemory ?? throw new InvalidOperationException("Cross-attention needs the encoder's output.") : x;
        var (k, v) = (Heads.Split(key.forward(source), heads), Heads.Split(value.forward(source), heads));
        if (context.Cache is not { } cache)
            return (k, v);
        if (!cross)
            return cache.Append(this, k, v) is [var keys, var values] ? (keys, values) : default;
        (k, v) = (k.contiguous(), v.contiguous()); // so that no later step copies them
        cache.Store(this, k, v);
        return (k, v);
    }
}
