using System.ComponentModel;
using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Stranger.Tests;

/// <summary>A self-attention without queries and keys: how much a head looks where is decided by the position bias alone.</summary>
[Kind("positional"), Description("Looks by position alone.")]
public sealed record PositionalAttention : Attention
{
    public override Cost Count(Place place, Setting setting)
    {
        if (place.Cross) throw new InputException("cross-attention", "'positional' knows only positions of its own stack", "use multi-head there");
        double width = place.Shape.ModelWidth, inner = place.Shape.AttentionWidth, tokens = setting.Tokens;
        return new Cost(
            [new Weight("value.weight", [place.Shape.AttentionWidth, place.Shape.ModelWidth]), new Weight("output.weight", [place.Shape.ModelWidth, place.Shape.AttentionWidth])],
            ForwardFlops: 4 * tokens * width * inner + 2 * tokens * setting.Length * inner,
            DecodeFlops: setting.Batch * (4 * width * inner + 2 * setting.Length * inner),
            ActivationBytes: 4 * tokens * (width + 2 * inner + place.Shape.Heads * setting.Length));
    }

    public override Mixer Build(Place place) => new PositionalModule(place);

    private sealed class PositionalModule : Mixer
    {
        private readonly Projection value, output;
        private readonly int heads;

        public PositionalModule(Place place) : base("positional")
        {
            heads = place.Shape.Heads;
            value = Projection.FanIn(place, place.Shape.ModelWidth, place.Shape.AttentionWidth, WeightRole.Attention);
            output = Projection.FanIn(place, place.Shape.AttentionWidth, place.Shape.ModelWidth, WeightRole.Attention);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x, Context context)
        {
            var (batch, length) = (x.size(0), x.size(1));
            var v = value.forward(x).view(batch, length, heads, -1).transpose(1, 2); // [batch, head, key, head width]
            if (context.Cache is { } cache)
            {
                if (cache.Load(this) is [var former]) v = cat([former, v], 2);
                cache.Store(this, v);
            }
            var keys = v.size(2);
            var weights = context.SelfBias(x).softmax(-1).expand(batch, heads, length, keys); // [batch, head, query, key]
            var mixed = Products.Batched(weights.reshape(batch * heads, length, keys), v.reshape(batch * heads, keys, -1)).view(batch, heads, length, -1);
            return output.forward(mixed.transpose(1, 2).reshape(batch, length, -1)); // [batch, query, model width]
        }
    }
}
