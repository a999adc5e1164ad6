using System.ComponentModel;

namespace Allometry.Analysis.Stopping;

/// <summary>
/// Which shapes are given up before the end of their pre-training, since they cannot come to the frontier of held-out loss against the costs. It is decided at shares of the run, once all shapes have got
/// there, from what was measured up to there and from nothing else: so it does not depend on which run was faster. It is decided by loss alone,
/// since no task is known before a pre-training ends: the report says what that leaves open.
/// </summary>
public abstract record StoppingRule
{
    [Description("Shares of the run at which it is decided who goes on.")]
    public IReadOnlyList<double> Rungs { get; init; } = [0.3, 0.6];

    /// <summary>How many shapes, spread evenly over the costs, run to their ends before the first decision whatever they look like.</summary>
    public virtual int PilotCount => 0;

    /// <summary>Losses of a run that must be measured before its first rung.</summary>
    public virtual int FewestPoints => 1;

    /// <summary>Those of the shapes still in it that are given up at a rung, and why; finished ones never are.</summary>
    public abstract IReadOnlyList<Lost> Decide(IReadOnlyList<Contender> contenders);
}

/// <summary>A shape that is given up.</summary>
public sealed record Lost(string Name, string Reason);
