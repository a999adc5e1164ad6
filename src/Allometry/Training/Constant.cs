using Allometry.Kinds;

namespace Allometry.Training;

/// <summary>The same rate throughout.</summary>
[Kind("constant")]
public sealed record Constant : Schedule
{
    public override double At(long step, long steps) => 1;

    public override long Shared(long steps) => steps;
}
