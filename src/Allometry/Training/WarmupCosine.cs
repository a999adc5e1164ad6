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
        var rise = Rise(step, Part(Warmup, steps));
        var top = Math.Min(Part(Warmup, steps), steps - 1);
        if (step < top || steps == 1) return rise;
        var done = top < steps - 1 ? (step - top) / (steps - 1 - top) : 1; // the last step has the last rate, however long the rise
        return Math.Min(rise, Final + (1 - Final) * (1 + Math.Cos(Math.PI * done)) / 2);
    }
}
