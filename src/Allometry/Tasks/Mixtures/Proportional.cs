using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Tasks.Mixtures;

/// <summary>
/// In proportion to the number of examples; with a maximum no task counts as larger than that (examples-proportional with a limit K), and a temperature
/// above 1 brings the rates nearer to each other: min(examples x scale, maximum)^(1 / temperature) (Raffel et al. 2020, section 3.5.2; seqio's mixing_rate_num_examples).
/// </summary>
[Kind("proportional"), Description("By the number of examples, with a limit and a temperature.")]
public sealed record Proportional(
    [Description("No task counts as having more examples than this (K)."), Range(0, double.MaxValue, MinimumIsExclusive = true)] double? Maximum = null,
    [Description("1 is proportional; larger is nearer to equal."), Range(0, double.MaxValue, MinimumIsExclusive = true)] double Temperature = 1,
    [Description("Multiplies the number of examples before the limit."), Range(0, double.MaxValue, MinimumIsExclusive = true)] double Scale = 1) : MixingRates
{
    public override double Of(TextTask task, int examples) => Math.Pow(Math.Min(examples * Scale, Maximum ?? double.PositiveInfinity), 1 / Temperature);
}
