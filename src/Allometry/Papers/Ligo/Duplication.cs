using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Papers.Ligo;

/// <summary>
/// Function-preserving growth by copies (Net2Net, as Chen et al. 2022 took it over for transformers). Copies that are read for equal shares get equal gradients and stay copies for ever: shares are uneven unless told otherwise.
/// </summary>
[Kind("duplication"), Description("Copies of channels, heads and hidden units that are each read for a share, so that the larger model computes the same.")]
public sealed record Duplication : CopyGrowth
{
    [Description("How uneven the shares of copies are: each is drawn from 1 - this to 1 + this, before they add up to 1. With 0 copies stay copies."), Range(0, 0.99)]
    public double Uneven { get; init; } = 0.2;

    [Description("Whether copied channels are scaled so that norms see the mean square that they saw. Without it a width that is no multiple of the smaller one changes what is computed (Net2Net as published).")]
    public bool Scaled { get; init; } = true;

    public override bool PreservesFunction => Depth is null && Scaled;

    protected override double Unevenness => Uneven;

    protected override bool KeepsMeanSquare => Scaled;
}
