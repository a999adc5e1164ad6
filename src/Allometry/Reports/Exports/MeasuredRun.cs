using Allometry.Experiments;
using Allometry.Store;

namespace Allometry.Reports.Exports;

/// <summary>A run with every measurement of it that counts, on its way to other people's tools.</summary>
/// <param name="Started">When it was first tried, in Unix seconds; 0 where it never was.</param>
public sealed record MeasuredRun(string Id, RunRecord Run, double Started, IReadOnlyList<Measurement> Measurements)
{
    /// <summary>In the order of the plan, one in memory at a time; runs that have measured nothing are left out.</summary>
    public static IEnumerable<MeasuredRun> All(StudyStore store) => store.Runs().Select(run => Of(store, run)).Where(run => run.Measurements.Count > 0);

    private static MeasuredRun Of(StudyStore store, StoredRun run) =>
        new(run.Id, RunRecord.FromJson(run.Description), store.Attempts(run.Id).Select(attempt => attempt.Started).FirstOrDefault(), store.Measurements(run.Id));
}
