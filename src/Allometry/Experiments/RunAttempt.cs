using System.Runtime.InteropServices;
using System.Text.Json;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Store;
using Allometry.Training;

namespace Allometry.Experiments;

/// <summary>One attempt at a run, from taking the run to writing down how it ended, in the process that executes it.</summary>
public static class RunAttempt
{
    /// <summary>Why an attempt ended that was asked to.</summary>
    public const string Stopped = "stopped";

    /// <summary>Executes a run; what goes wrong with it alone is how it ended, what no other run would survive is thrown.</summary>
    public static RunEnd Make(PlannedRun run, Ledger store, Desk desk)
    {
        store.Take(run.Id);
        AtomicFile.Sweep(store.WorkOf(run.Id), abandoned: true); // nobody else is at this run any more, though its process may still be listed
        var attempt = Begin(store, run, Execution.FirstStep(store, run.Id));
        Machine.ForgetPeak();
        try
        {
            Execution.Inherit(run, store, attempt);
            desk.Peers.Meet();
            desk.Watcher.RunStarted(run, Execution.FirstStep(store, run.Id));
            var execution = new Execution(run, store, attempt, desk);
            execution.Run.Stage.Execute(execution);
            store.End(attempt, RunState.Done);
        }
        catch (RunPausedException pause) { return End(RunState.Paused, $"waits after step {pause.Step} until it is decided who goes on"); }
        catch (OperationCanceledException) { return End(RunState.Interrupted, Stopped); }
        catch (LossDivergedException error) { return End(RunState.Failed, error.Message); }
        // Where the disk is full no other run would get further: the study ends, and goes on when there is room.
        catch (Exception error) when (FullDisk.Of(error) is null && error is RunFailedException or InputException or ExternalException or OutOfMemoryException)
        {
            // libtorch puts its own stack trace behind the first line.
            return End(RunState.Interrupted, error is ExternalException ? error.Message.Split('\n')[0] : error.Message);
        }
        catch
        {
            store.End(attempt, RunState.Interrupted, "the process ended");
            throw;
        }
        Execution.Forget(store, run.Id); // behind the attempt: what cannot be removed makes nothing undone
        return new(run, RunState.Done);

        RunEnd End(RunState state, string reason)
        {
            store.End(attempt, state, reason);
            return new(run, state, reason);
        }
    }

    /// <summary>Executes a run beside the process that makes the attempt and writes down what comes of it; whatever ends it is thrown.</summary>
    public static void Follow(PlannedRun run, Ledger store, Desk desk)
    {
        desk.Peers.Meet(); // what the first has prepared is there
        var execution = new Execution(run, store, Beside(run), desk);
        execution.Run.Stage.Execute(execution);
    }

    /// <summary>Writes down that a run cannot be tried, since one that it needs has not ended well.</summary>
    public static RunEnd Skip(PlannedRun run, StudyStore store, string need)
    {
        var end = new RunEnd(run, RunState.Skipped, $"it needs the run {need}, which has not ended well");
        store.End(Begin(store, run, 0), end.State, end.Reason);
        return end;
    }

    /// <summary>Writes down that a run is given up before its end; the last attempt at it, where there was one, has ended so.</summary>
    public static RunEnd GiveUp(PlannedRun run, StudyStore store, string reason)
    {
        var end = new RunEnd(run, RunState.Stopped, reason);
        if (store.StateOf(run.Id) != (end.State, reason)) store.End(store.Attempts(run.Id) is [.., var last] ? last : Begin(store, run, 0), end.State, reason);
        return end;
    }

    private static Attempt Begin(Ledger store, PlannedRun run, long fromStep) =>
        store.Begin(run.Id, fromStep, JsonSerializer.Serialize(Machine.This), $"{Machine.This.Version}+{Machine.This.Commit}");

    private static Attempt Beside(PlannedRun run) => new(run.Id, 0, 0, 0, null, RunState.Running, null, "", "");
}
