using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Papers.ScaleEfficiently;

/// <summary>
/// T5's attention with fewer matrices for keys and values. What exactly was shared in the released checkpoints `sh`, `skv` and `shkv` is not published; these are
/// what Mesh TensorFlow's switches num_memory_heads = 1 and shared_kv say. Queries and output are as in multi-head attention.
/// </summary>
public abstract record SharedAttention : Attention
{
    /// <summary>One head of keys and values for all heads of queries.</summary>
    internal abstract bool OneHead { get; }

    /// <summary>The keys are the values.</summary>
    internal abstract bool OneMatrix { get; }

    public override Cost Count(Place place, Setting setting)
    {
        double width = place.Shape.ModelWidth, inner = place.Shape.AttentionWidth, shared = SharedWidth(place.Shape) * (OneMatrix ? 1 : 2);
        var keys = place.Cross ? setting.Memory : setting.Length;
        double queries = setting.Tokens, sources = (double)setting.Batch * keys;
        var weights = place.Shape.Heads * queries * keys * (place.Architecture.Dropout > 0 ? 2 : 1);
        return new Cost(
            [.. Weights(place.Shape)],
            ForwardFlops: 4 * queries * width * inner + 2 * sources * width * shared + 4 * queries * keys * inner,
            DecodeFlops: setting.Batch * (4 * width * inner + (place.Cross ? 0 : 2 * width * shared) + 4 * keys * inner),
            ActivationBytes: 4 * (queries * width + 2 * queries * inner + sources * shared + weights));
    }

    public override Mixer Build(Place place) => new SharedAttentionModule(this, place);

    internal int SharedWidth(Shape shape) => OneHead ? shape.HeadWidth : shape.AttentionWidth;

    private IEnumerable<Weight> Weights(Shape shape)
    {
        yield return new("query.weight", [shape.AttentionWidth, shape.ModelWidth]);
        yield return new("key.weight", [SharedWidth(shape), shape.ModelWidth]);
        if (!OneMatrix) yield return new("value.weight", [SharedWidth(shape), shape.ModelWidth]);
        yield return new("output.weight", [shape.ModelWidth, shape.AttentionWidth]);
    }
}

[Kind("shared-heads"), Description("All heads look at one head of keys and values (`sh`).")]
public sealed record SharedHeads : SharedAttention
{
    internal override bool OneHead => true;

    internal override bool OneMatrix => false;
}

[Kind("shared-key-value"), Description("One matrix makes keys and values (`skv`).")]
public sealed record SharedKeyValue : SharedAttention
{
    internal override bool OneHead => false;

    internal override bool OneMatrix => true;
}

[Kind("shared-heads-key-value"), Description("One matrix makes one head that is keys and values of all heads (`shkv`).")]
public sealed record SharedHeadsKeyValue : SharedAttention
{
    internal override bool OneHead => true;

    internal override bool OneMatrix => true;
}

internal sealed class SharedAttentionModule : Mixer
{
    private readonly Projection query, key, output;
    private readonly Projection? value; // none: the keys
    private readonly Dropout dropout;
    private readonly bool cross;
    private readonly int heads, width;

    public SharedAttentionModule(SharedAttention choice, Place place) : base("attention")
    {
        (cross, heads, width, dropout) = (place.Cross, place.Shape.Heads, place.Shape.HeadWidth, new Dropout(place.Architecture.Dropout));
        var (model, inner, shared) = (place.Shape.ModelWidth, place.Shape.AttentionWidth, choice.SharedWidth(place.Shape));
        query = Projection.FanIn(place, model, inner, WeightRole.Attention, gain: Math.Pow(width, -0.5));
        key = Projection.FanIn(place, model, shared, WeightRole.Attention);
        value = choice.OneMatrix ? null : Projection.FanIn(place, model, shared, WeightRole.Attention);
        output = Projection.FanIn(place, inner, model, WeightRole.Attention);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Context context)
    {
        var (batch, length) = (x.size(0), x.size(1));
        var (k, v) = KeysAndValues(x, context);
        var groups = batch * k.size(1); // heads that share keys stand below each other, as if they were more queries
        var q = Split(query.forward(x)).reshape(groups, -1, width); // [batch * key head, heads of it * query, head width]
        var scores = Products.Batched(q, k.reshape(groups, -1, width).transpose(1, 2)).view(batch, heads, length, -1); // [batch, head, query, key]
        if ((cross ? context.CrossBias(x) : context.SelfBias(x)) is { } bias)
            scores.add_(bias);
        var weights = dropout.Apply(scores.softmax(-1).view(batch * heads, length, -1), training).view(groups, q.size(1), -1);
        var mixed = Products.Batched(weights, v.reshape(groups, -1, width)).view(batch, heads, length, -1); // [batch, head, query, head width]
        return output.forward(mixed.transpose(1, 2).reshape(batch, length, -1)); // [batch, query, model width]
    }

    // [batch, key head, key, head width]
    private (Tensor Keys, Tensor Values) KeysAndValues(Tensor x, Context context)
    {
        var known = context.Cache?.Load(this);
        if (cross && known is not null)
            return (known[0], known[^1]);
        var source = cross ? context.Memory ?? throw new InvalidOperationException("Cross-attention needs the encoder's output.") : x;
        Tensor[] made = value is null ? [Split(key.forward(source))] : [Split(key.forward(source)), Split(value.forward(source))];
        if (known is not null)
            made = [.. known.Zip(made, (former, added) => cat([former, added], 2))];
        context.Cache?.Store(this, made);
        return (made[0], made[^1]);
    }

    private Tensor Split(Tensor x) => x.view(x.size(0), x.size(1), -1, width).transpose(1, 2); // [batch, head, length, head width]
}
