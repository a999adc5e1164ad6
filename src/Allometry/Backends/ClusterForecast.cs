using Allometry.Costs;
using Allometry.Experiments;
using Allometry.Training;

namespace Allometry.Backends;

/// <summary>What runs will take of a cluster, by the pace of this machine: arithmetic, no promise about how long jobs wait for others' jobs.</summary>
/// <param name="NodeHours">A run counts by its share of a node's cores.</param>
/// <param name="WallSeconds">Until all have ended, on that many nodes of their own.</param>
/// <param name="DiskBytes">Of the store when all are done, and of what those that run keep to go on from.</param>
public sealed record ClusterForecast(int Nodes, double NodeHours, double WallSeconds, double DiskBytes)
{
    // Of one measurement: a line of its run's file and a row of the database with its index.
    private const double BytesOfMeasurement = 300;

    // Of a run: its order, claims, record and logs, each in blocks of the file system.
    private const double BytesOfRun = 60e3;

    public static ClusterForecast Of(IReadOnlyList<PlannedRun> runs, Pace pace, ClusterProfile profile)
    {
        var room = profile.RoomFor(runs.Select(run => run.Ranks).DefaultIfEmpty(1).Max());
        return new(
            profile.Nodes, runs.Sum(run => pace.OwnSeconds(run) * (profile.Cores ?? run.Threads) * run.Ranks) / profile.NodeCores / 3600,
            Timeline.Length(runs, pace.OwnSeconds, room), Disk(runs, room));
    }

    private static double Disk(IReadOnlyList<PlannedRun> runs, Room room)
    {
        List<PlannedRun> beside = [];
        foreach (var run in runs.OrderByDescending(StateBytes).TakeWhile(run => room.Takes(run, beside))) beside.Add(run);
        // While a state is replaced there are two of it.
        return runs.Sum(ModelBytes) + (2 * beside.Sum(StateBytes)) + runs.Sum(run => BytesOfRun + (BytesOfMeasurement * Math.Min(run.Workload.Steps, 1000)));
    }

    private static double ModelBytes(PlannedRun run) => run.Run.Stage switch
    {
        TrunkStage trunk => trunk.Lengths.Count * StateBytes(run),
        TrainingStage or GrowStage => sizeof(float) * (double)run.Workload.Parameters,
        _ => 0,
    };

    private static double StateBytes(PlannedRun run) => OptimizerOf(run.Run.Stage) is { } optimizer
        ? (sizeof(float) * (double)run.Workload.Parameters) + optimizer.StateBytes(run.Run.Architecture.Count(run.Run.Shape, new Setting()).Weights)
        : 0;

    private static Optimizer? OptimizerOf(Stage stage) => stage switch
    {
        TrunkStage trunk => trunk.Of.Optimizer,
        GrowStage grow => grow.Training.Optimizer,
        TrainingStage training => training.Optimizer,
        _ => null,
    };
}
