using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Tasks.Mixtures;

/// <summary>Every task as often as any other.</summary>
[Kind("equal"), Description("Every task as often as any other.")]
public sealed record Equal : MixingRates
{
    public override double Of(TextTask task, int examples) => 1;
}
