using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Training;

/// <summary>
/// T5's: constant, then falling with the square root of the step (Mesh TensorFlow's rsqrt without its final ramp). With <c>learning-rate: 0.01</c> and the default
/// this is T5's 1/sqrt(max(step, 10000)) exactly.
/// </summary>
[Kind("inverse-square-root")]
public sealed record InverseSquareRoot(
    [property: Description("Steps, or share of the run, at the full rate before it falls."), Range(0, double.MaxValue)] double Warmup = 10_000) : Schedule
{
    public override double At(long step, long steps)
    {
        var warmup = Math.Max(1, Part(Warmup, steps));
        return Math.Sqrt(warmup / Math.Max(step, warmup));
    }

    public override long Shared(long steps) => IsInSteps(Warmup) ? steps : 0;
}
