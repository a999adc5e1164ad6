using System.Text.Json;
using System.Text.Json.Serialization;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Backends;

/// <summary>What is to be done with a run where the study's database is not: the file in the run's folder.</summary>
/// <param name="Description">The run, as the store keeps it.</param>
/// <param name="Sweep">The runs whose results decide its learning rate.</param>
/// <param name="Known">The last attempt that the store knows of.</param>
public sealed record RunOrder(WorkerJob Job, string Description, IReadOnlyList<StoredRun> Sweep, int Known)
{
    [JsonIgnore]
    public PlannedRun Planned => RunRecord.FromJson(Description).Planned(Job.Run) with { Branch = Job.Branch, Until = Job.Until };

    public static RunOrder Read(RunFolder folder) =>
        StoredJson.Read<RunOrder>(Reader.Text(folder.Order), folder.Order, "it was copied in part: copy the store again, or run the recipe again");

    public void Write(RunFolder folder) => AtomicFile.WriteText(folder.Order, JsonSerializer.Serialize(this));

    /// <summary>Whether the runs that a run needs have come to their ends, by what they themselves have left; a try of a sweep may have failed.</summary>
    public static bool IsReady(PlannedRun run, string store)
    {
        var needs = run.Branch is { } branch && Directory.Exists(Path.Combine(store, "artifacts", branch.Trunk, $"at-{branch.Step}")) ? run.Run.Needs.Concat(run.Run.Transferred?.Sweep ?? []) : run.Needs;
        return needs.All(need => HasEnded(new(store, need), mayFail: run.Run.Transferred?.Sweep.Contains(need) == true));
    }

    private static bool HasEnded(RunFolder need, bool mayFail)
    {
        need.Settle();
        return need.Decision is { } attempt && need.Told(attempt) is { State: var state } && (state == RunState.Done || mayFail);
    }
}
