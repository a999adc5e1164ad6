using System.ComponentModel;
using Allometry.Analysis.Laws;
using Allometry.Kinds;

namespace Allometry.Analysis.Transfer;

/// <summary>
/// A power of the model width through what was found. With Adam and T5's first values the best rate falls about as one over the width for the matrices that grow in both directions (Yang et al. 2022, Tensor Programs V,
/// table 3); Adafactor's rate is relative to the weights, and what exponent that leaves is what the sweep has to say.
/// </summary>
[Kind("power-of-width"), Description("A power of the model width through the settings that were found.")]
public sealed record PowerOfWidth([property: Description("The exponent; fitted where left out, and 0 where only one width was tried.")] double? Exponent = null) : TransferRule
{
    public override double For(IReadOnlyList<BestSetting> found, double width)
    {
        var fitted = Exponent is null && found.Select(one => one.Width).Distinct().Count() > 1;
        var exponent = fitted ? PowerLine.Of([.. found.Select(one => one.Width)], [.. found.Select(one => one.Value)]).Slope : Exponent ?? 0;
        return Math.Exp(found.Average(one => Math.Log(one.Value) + (exponent * Math.Log(width / one.Width))));
    }
}
