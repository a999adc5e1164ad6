using Allometry.Kinds;
using Allometry.Ranks;

namespace Allometry.Experiments;

/// <summary>What all attempts of one process share.</summary>
public sealed record Desk(Materials Materials, Watcher Watcher, RunnerOptions Options, CancellationToken Stop)
{
    /// <summary>Who computes the same runs together.</summary>
    public Peers Peers { get; init; } = Peers.Alone;

    /// <summary>Tells what takes long before or between the steps.</summary>
    public IProgress<double> Doing(string what) => new Telling(share => Watcher.Preparing(what, share));

    /// <summary>Prepares what these runs read; all that is wrong with it is one InputException.</summary>
    public void Prepare(IEnumerable<PlannedRun> runs)
    {
        // The runs of one stage read the same, whatever their shape and seed.
        var stages = runs.Select(run => run.Run).DistinctBy(run => run.Stage, ReferenceEqualityComparer.Instance);
        List<Problem> problems = [.. stages.SelectMany(run => Materials.Tried(() => Prepare(Materials.Located(run)))).Distinct()];
        if (problems.Count > 0) throw new InputException(problems);
    }

    private void Prepare(Run located) => located.Stage.Prepare(located, this);
}
