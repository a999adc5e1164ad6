using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Training;

/// <summary>A linear rise, the full rate, and a linear fall at the end (Hu et al. 2024, MiniCPM), so that runs of several lengths can share their beginning.</summary>
[Kind("warmup-stable-decay")]
public sealed record WarmupStableDecay(
    [property: Description("Steps, or share of the run, of the rise."), Range(0, double.MaxValue)] double Warmup = 0.01,
    [property: Description("Steps, or share of the run, of the fall."), Range(0, double.MaxValue)] double Decay = 0.2,
    [property: Description("The last rate as a share of the full one."), Range(0, 1)] double Final = 0) : Schedule
{
    public override double At(long step, long steps)
    {
        var decay = Fall(steps);
        var fallen = decay == 0 ? 0 : Math.Clamp((step + 1 - (steps - decay)) / decay, 0, 1);
        return Math.Min(Rise(step, Part(Warmup, steps)), 1 - (1 - Final) * fallen);
    }

    /// <summary>All before the fall.</summary>
    public override long Shared(long steps) => IsInSteps(Warmup) ? (long)Math.Floor(steps - Fall(steps)) : 0;

    // The first step learns, and be it the only one.
    private double Fall(long steps) => Math.Min(Part(Decay, steps), steps - 1);
}
