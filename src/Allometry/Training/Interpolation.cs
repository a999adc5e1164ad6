using System.ComponentModel;
using Allometry.Kinds;

namespace Allometry.Training;

/// <summary>Each layer of the smaller model as often as the depths ask for, before the next one, for depths that are no multiples too.</summary>
[Kind("interpolation"), Description("Each layer of the smaller model several times in a row.")]
public sealed record Interpolation : DepthGrowth
{
    protected override int Source(int layer, int small, int large) => (int)((long)layer * small / large);
}
