using Allometry.Experiments;
using Allometry.Kinds;

namespace Allometry.Cluster.Tests;

/// <summary>A stage whose runs nobody trains: what they would have measured is made up.</summary>
[Kind("simulated")]
public sealed record SimulatedStage(string Label, bool First = false, int Steps = 1000) : Stage
{
    public override bool MakesStartingPoint => First;

    public override string? TaskName => First ? null : Label;

    public override IEnumerable<Run> Expand(Run draft, string? before) => [draft with { Stage = this, Needs = before is null ? [] : [before] }];

    public override Workload Count(Run run) => new(run.Shape.ModelWidth * 1000L, 50, Steps, 1e12, 3e11, 64, new(1e8, 1000, 2, 0));

    public override void Execute(Execution execution) => throw new NotSupportedException("its runs are made up");
}
