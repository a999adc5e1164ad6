using System.Runtime.InteropServices;
using System.Text.Json;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Store;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>
/// Executes what is missing of a plan, each run after those it needs. A run that fails stops only those that need it.
/// </summary>
public sealed class Runner(Plan plan, StudyStore store, Backend backend, Desk desk)
{
    private readonly Dictionary<string, string> notDone = [];
    private double predicted, measured;

    public StudyOutcome Run()
    {
        var started = DateTime.UtcNow;
        store.Add(plan.Runs.Select(Stored));
        foreach (var folder in plan.Runs.Select(run => store.ArtifactsOf(run.Id)).Prepend(store.Folder)) AtomicFile.Sweep(folder);
        var missing = Missing();
        desk.Watcher.Started(Progress());
        foreach (var run in missing) Attend(run);
        var failed = plan.Runs.Where(run => notDone.ContainsKey(run.Id)).Select(run => (run, notDone[run.Id])).ToList();
        return new(missing.Count(run => !notDone.ContainsKey(run.Id)), plan.Runs.Count - failed.Count, failed, DateTime.UtcNow - started);
    }

    private static StoredRun Stored(PlannedRun run, int position) => new(run.Id, position, RunRecord.Of(run).ToJson(), "{}");

    /// <summary>What is not done yet, and what is done but whose model is needed and gone.</summary>
    private List<PlannedRun> Missing()
    {
        HashSet<string> needed = [];
        List<PlannedRun> missing = [];
        foreach (var run in plan.Runs.Reverse().Where(run => IsMissing(run) || (needed.Contains(run.Id) && Execution.HasLost(store, run.Id))))
        {
            missing.Insert(0, run);
            needed.UnionWith(run.Run.Needs);
        }
        return missing;
    }

    private bool IsMissing(PlannedRun run)
    {
        var (state, reason) = store.StateOf(run.Id);
        if (state == RunState.Done) Execution.Forget(store, run.Id); // a kill may have come between the two
        if (state == RunState.Failed && !desk.Options.Retry) notDone[run.Id] = reason ?? "failed";
        return state != RunState.Done && !notDone.ContainsKey(run.Id);
    }

    private void Attend(PlannedRun run)
    {
        desk.Stop.ThrowIfCancellationRequested();
        var fromStep = Execution.FirstStep(store, run.Id);
        var attempt = store.Begin(run.Id, fromStep, JsonSerializer.Serialize(Machine.This), $"{Machine.This.Version}+{Machine.This.Commit}");
        if (run.Run.Needs.FirstOrDefault(notDone.ContainsKey) is { } need)
            End(run, attempt, RunState.Skipped, $"it needs the run {need}, which has not ended well");
        else
            Execute(run, attempt, fromStep);
    }

    private void Execute(PlannedRun run, Attempt attempt, long fromStep)
    {
        desk.Watcher.RunStarted(run, fromStep);
        Machine.ForgetPeak();
        try
        {
            backend.Execute(new Execution(run, store, attempt, desk));
            Learn(run);
            End(run, attempt, RunState.Done, null);
            Execution.Forget(store, run.Id);
        }
        catch (OperationCanceledException)
        {
            store.End(attempt, RunState.Interrupted, "stopped");
            throw;
        }
        catch (LossDivergedException error) { End(run, attempt, RunState.Failed, error.Message); }
        catch (Exception error) when (!IsDiskFull(error) && error is RunFailedException or InputException or ExternalException or OutOfMemoryException)
        {
            // libtorch puts its own stack trace behind the first line.
            End(run, attempt, RunState.Interrupted, error is ExternalException ? error.Message.Split('\n')[0] : error.Message);
        }
        catch
        {
            store.End(attempt, RunState.Interrupted, "the process ended");
            throw;
        }
    }

    /// <summary>No other run would get further: the study ends, and goes on when there is room.</summary>
    private static bool IsDiskFull(Exception error) => error is RunFailedException { InnerException: { } cause } && FileSystem.IsDiskFull(cause);

    private void End(PlannedRun run, Attempt attempt, RunState state, string? reason)
    {
        store.End(attempt, state, reason);
        if (state != RunState.Done) notDone[run.Id] = reason ?? state.ToString();
        desk.Watcher.RunEnded(run, state, reason, Progress());
    }

    /// <summary>Sets what a run took against what was predicted, so that the time left becomes true.</summary>
    private void Learn(PlannedRun run)
    {
        if (desk.Options.Pace is not { } pace) return;
        predicted += pace.Seconds(run.Workload);
        measured += store.Measurements(run.Id).Where(m => m.Name == "seconds").Select(m => m.Value).LastOrDefault();
    }

    private StudyProgress Progress()
    {
        var states = plan.Runs.ToLookup(run => store.StateOf(run.Id).State == RunState.Done);
        var left = states[false].Where(run => !notDone.ContainsKey(run.Id)).Sum(run => desk.Options.Pace?.Seconds(run.Workload) ?? 0);
        return new(states[true].Count(), plan.Runs.Count, TimeSpan.FromSeconds(left * (predicted > 0 ? measured / predicted : 1)));
    }
}
