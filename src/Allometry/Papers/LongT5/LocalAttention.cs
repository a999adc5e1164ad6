using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Papers.LongT5;

/// <summary>T5's attention to the neighbours alone: token i sees token j where |i - j| is at most the radius.</summary>
[Kind("local")]
public sealed record LocalAttention : WindowedAttention
{
    public override Mixer Build(Place place) => new LocalAttentionModule(this, place);
}

internal sealed class LocalAttentionModule : WindowedAttentionModule
{
    public LocalAttentionModule(LocalAttention choice, Place place) : base(choice, place) => RegisterComponents();
}
