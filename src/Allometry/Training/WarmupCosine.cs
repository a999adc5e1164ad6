using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Training;

/// <summary>A linear rise, then half a cosine down to a share of the full rate at the end of the run.</summary>
[Kind("warmup-cosine")]
public sealed record WarmupCosine(
    [property: Description("Steps, or share of the run, of the rise."), Range(0, double.MaxValue)] double Warmup = 0.01,
    [property: Description("The last rate as a share of the full one."), Range(0, 1)] double Final = 0.1) : Schedule
{
    public override double At(long step, long steps)
    {
        var warmup = Part(Warmup, steps);
        if (step < warmup) return Rise(step, warmup);
        var done = Math.Min(1, (step - warmup) / Math.Max(1, steps - 1 - warmup));
        return Final + (1 - Final) * (1 + Math.Cos(Math.PI * done)) / 2;
    }
}
