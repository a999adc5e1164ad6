using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Papers.Primer;

/// <summary>
/// Primer's multi-dconv-head attention: T5's, whose queries, keys and values go through a causal depth-wise convolution before they are split into heads.
/// With a shared representation the queries are a projection of the keys.
/// </summary>
[Kind("multi-dconv-head")]
public sealed record MultiDConvHeadAttention : Attention
{
    [Description("Positions that a convolution sees: its own and those right before it."), Range(1, 1024)]
    public int Taps { get; init; } = 3;

    [Description("Whether the queries are a projection of the keys, which then have the queries' first values, instead of one of the stream.")]
    public bool SharedQueryKey { get; init; }

    public override bool CausalOnly => true;

    public override Cost Count(Place place, Setting setting)
    {
        double width = place.Shape.ModelWidth, inner = place.Shape.AttentionWidth, tokens = setting.Tokens, from = SharedQueryKey ? inner : width;
        // What attention sees and finds, what the convolutions see, and of the softmax two numbers, or by library operations the weights.
        var kept = setting.Plain
            ? tokens * width + (SharedQueryKey ? 6 : 7) * tokens * inner + place.Shape.Heads * tokens * setting.Length * (place.Architecture.Dropout > 0 ? 2 : 1)
            : (SharedQueryKey ? 6 : 7) * tokens * inner + 2 * place.Shape.Heads * tokens;
        return new Cost(
            Weights(place.Shape),
            ForwardFlops: 2 * tokens * inner * (from + 3 * width) + 4 * tokens * setting.Length * inner,
            DecodeFlops: setting.Batch * (2 * inner * (from + 3 * width) + 4 * setting.Length * inner),
            ActivationBytes: 4 * kept);
    }

    public override Mixer Build(Place place) => new MultiDConvHeadAttentionModule(this, place);

    private Weight[] Weights(Shape shape)
    {
        var (width, inner) = (shape.ModelWidth, shape.AttentionWidth);
        return
        [
            new("query.weight", [inner, SharedQueryKey ? inner : width]), new("key.weight", [inner, width]), new("value.weight", [inner, width]), new("output.weight", [width, inner]),
            .. SharedQueryKey ? [] : DepthwiseConvolution.Weights("queryconvolution", Taps, inner),
            .. DepthwiseConvolution.Weights("keyconvolution", Taps, inner), .. DepthwiseConvolution.Weights("valueconvolution", Taps, inner),
        ];
    }
}

internal sealed class MultiDConvHeadAttentionModule : Mixer
{
    private readonly Projection query, key, value, output;
    private readonly DepthwiseConvolution? queryconvolution; // none: the queries are made of the keys
    private readonly DepthwiseConvolution keyconvolution, valueconvolution;
    private readonly Dropout dropout;
    private readonly int heads;

    public MultiDConvHeadAttentionModule(MultiDConvHeadAttention choice, Place place) : base("attention")
    {
        (heads, dropout) = (place.Shape.Heads, new Dropout(place.Architecture.Dropout));
        var (width, inner, small) = (place.Shape.ModelWidth, place.Shape.AttentionWidth, Math.Pow(place.Shape.HeadWidth, -0.5));
        query = choice.SharedQueryKey
            ? Projection.FanIn(place, inner, inner, WeightRole.FeedForward) // the reference makes it as any dense layer, not as a part of attention
            : Projection.FanIn(place, width, inner, WeightRole.Attention, small);
        key = Projection.FanIn(place, width, inner, WeightRole.Attention, choice.SharedQueryKey ? small : 1);
        value = Projection.FanIn(place, width, inner, WeightRole.Attention);
        output = Projection.FanIn(place, inner, width, WeightRole.Attention);
        DepthwiseConvolution Convolution() => new(place, choice.Taps, inner);
        (queryconvolution, keyconvolution, valueconvolution) = (choice.SharedQueryKey ? null : Convolution(), Convolution(), Convolution());
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Context context)
    {
        var keys = keyconvolution.forward(key.forward(x), context); // [batch, length, heads * head width]
        var queries = queryconvolution is null ? query.forward(keys) : queryconvolution.forward(query.forward(x), context);
        var values = valueconvolution.forward(value.forward(x), context);
        var (q, k, v) = (Heads.Split(queries, heads), Heads.Split(keys, heads), Heads.Split(values, heads));
        if (context.Cache?.Append(this, k, v) is [var allKeys, var allValues]) (k, v) = (allKeys, allValues);
        return output.forward(Heads.Mix(q, k, v, context.SelfBias(x), weights => dropout.Apply(weights, training)));
    }

    internal override Tensor? Fused(Tensor x, RowNormModule norm, Func<Tensor?> mask, Context context)
    {
        var biased = context.Positions is { HasBias: true };
        var line = biased ? context.SelfLine(x) : null;
        if (context.Cache is not null || (biased && line is null)) return null;
        return AttentionKernel.Run(x, new(norm.Row, query.Weight, key.Weight, value.Weight, output.Weight, heads)
        {
            Taps = new(queryconvolution?.Taps, keyconvolution.Taps, valueconvolution.Taps),
            Line = line,
            KeyMask = context.KeyMask,
            Causal = context.Causal,
            Prefix = context.Prefix,
            WeightMask = dropout.Mask(training, x, x.size(0) * heads, x.size(1)),
            OutputMask = mask(),
        });
    }
}
