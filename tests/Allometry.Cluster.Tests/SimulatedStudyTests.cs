using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Allometry.Backends;
using Allometry.Backends.Slurm;
using Allometry.EndToEnd.Tests;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Reports;
using Allometry.Store;

namespace Allometry.Cluster.Tests;

/// <summary>The whole way of a study but its training: planned, submitted to a sbatch that starts nothing, taken over from files that a thread writes, reported.</summary>
[Collection(Alone.Name)]
public sealed class SimulatedStudyTests : SimulatedStudy
{
    /// <summary>Five hundred runs; ALLOMETRY_SIMULATED_SHAPES=500 makes them the ten thousand of docs/measured/cluster.md.</summary>
    [Fact]
    public void Many_runs_go_through_in_minutes_and_in_flat_memory()
    {
        var clock = Stopwatch.StartNew();
        var shapes = int.TryParse(Environment.GetEnvironmentVariable("ALLOMETRY_SIMULATED_SHAPES"), CultureInfo.InvariantCulture, out var given) ? given : 25;
        var plan = Plan(shapes, 4);
        Assert.Equal(20 * shapes, plan.Runs.Count);
        Assert.InRange(ClusterForecast.Of(plan.Runs, Pace.Assumed(1), new SlurmProfile { Nodes = 10 }).NodeHours, 0.01, 1e6);
        var planned = clock.Elapsed;

        using var slurm = new FakeSlurm();
        slurm.StartNodes(MakeUp);
        using var store = StudyStore.Open(Folder.At("store"));
        store.SetFact("name", "simulated");
        var outcome = Run(plan, store);
        var ran = clock.Elapsed;
        Assert.Equal((plan.Runs.Count, true), (outcome.Done, outcome.Complete));
        Assert.All(slurm.Submitted, tasks => Assert.InRange(tasks, 1, 1000));

        var report = JsonReport.Render(Report.From(StudyReader.Read(store)));
        TestContext.Current.SendDiagnosticMessage($"{plan.Runs.Count} runs planned in {planned}, submitted and taken over in {ran - planned}, reported in {clock.Elapsed - ran}; peak {PeakMegabytes()} MiB");
        Assert.Contains("s7", report, StringComparison.Ordinal);
        Assert.InRange(PeakMegabytes(), 0, 1000);
    }

    [Fact]
    public void What_a_quota_does_not_take_now_is_submitted_later()
    {
        using var slurm = new FakeSlurm(("FAKE_MOST", "2"));
        slurm.StartNodes(MakeUp);
        using var store = StudyStore.Open(Folder.At("store"));
        var outcome = Run(Plan(4, 1), store);

        Assert.True(outcome.Complete);
    }

    [Theory]
    [InlineData("Batch job submission failed: Invalid account or account/partition combination specified", "Invalid account")]
    [InlineData("Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)", "time limit")]
    public void A_refusal_is_told_in_Slurms_words(string refusal, string words)
    {
        using var slurm = new FakeSlurm(("FAKE_REFUSAL", refusal));
        using var store = StudyStore.Open(Folder.At("store"));
        var problem = Assert.Throws<InputException>(() => Run(Plan(2, 1), store)).Problems.Single();

        Assert.Contains(words, problem.What, StringComparison.Ordinal);
        FakeSlurm.Set("FAKE_REFUSAL", null);
        slurm.StartNodes(MakeUp);
        Assert.True(Run(Plan(2, 1), store).Complete);
    }

    [Fact]
    public void A_full_quota_with_nothing_of_this_study_in_it_is_told()
    {
        using var slurm = new FakeSlurm(("FAKE_REFUSAL", "AssocMaxSubmitJobLimit"));
        using var store = StudyStore.Open(Folder.At("store"));
        Assert.Contains("quota", Assert.Throws<RunFailedException>(() => Run(Plan(2, 1), store)).Problems.Single().Mend, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_fails_skips_what_needs_it_and_the_others_go_on()
    {
        var plan = Plan(3, 1);
        var broken = plan.Runs[0].Id;
        using var slurm = new FakeSlurm();
        slurm.StartNodes((files, attempt) =>
        {
            if (attempt.Run == broken) files.End(attempt, RunState.Failed, "the loss is no number");
            else MakeUp(files, attempt);
        });
        using var store = StudyStore.Open(Folder.At("store"));
        var outcome = await RunUntilNothingCanBegin(plan, store, slurm, done: 11);

        Assert.Equal((10, 5), (outcome.Done, outcome.NotDone.Count));
        Assert.Contains("no number", outcome.NotDone[0].Reason, StringComparison.Ordinal);
        Assert.All(outcome.NotDone.Skip(1), skipped => Assert.Contains(broken, skipped.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_gets_no_further_is_not_tried_for_ever()
    {
        using var slurm = new FakeSlurm();
        slurm.StartNodes((files, attempt) => files.End(attempt, RunState.Interrupted, "it broke"));
        using var store = StudyStore.Open(Folder.At("store"));
        var outcome = await RunUntilNothingCanBegin(Plan(1, 1), store, slurm, done: 3);

        Assert.Contains("it broke; tried 3 times without getting further", outcome.NotDone[0].Reason, StringComparison.Ordinal);
        Assert.Equal((3, 0, 5), (slurm.Done, outcome.Done, outcome.NotDone.Count));
    }

    [Theory]
    [InlineData(2, "ahead of")]
    [InlineData(-2, "behind")]
    public void A_node_whose_clock_differs_is_told_once_and_changes_no_result(int hours, string words)
    {
        var watcher = new Notes();
        using var slurm = new FakeSlurm { TellsWhatRuns = true };
        slurm.StartNodes((files, attempt) =>
        {
            new RunFolder(Folder.At("store"), attempt.Run).Tell(attempt with { Started = attempt.Started + (3600 * hours) });
            SpinWait.SpinUntil(() => watcher.Told.Any(told => told.Contains("clock", StringComparison.Ordinal)), TimeSpan.FromMinutes(1)); // the first is seen while it runs
            MakeUp(files, attempt);
        });
        using var store = StudyStore.Open(Folder.At("store"));
        Assert.True(Run(Plan(1, 1), store, watcher).Complete);

        Assert.Matches($"the clock of node7 is 0[12]:[0-9:]+ {words} this machine's.* results are not", Assert.Single(watcher.Told, told => told.Contains("clock", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_a_run_measures_is_in_the_store_while_it_runs()
    {
        var plan = Plan(1, 1);
        var first = plan.Runs[0].Id;
        Measurement? seen = null;
        using var slurm = new FakeSlurm { TellsWhatRuns = true };
        slurm.StartNodes((files, attempt) =>
        {
            if (attempt.Run == first)
            {
                files.Record(attempt, [new("loss", 10, 9, 640, 1), new("loss", 20, 8, 1280, 2)]);
                using var watched = StudyStore.Read(Folder.At("store"));
                for (var waited = Stopwatch.StartNew(); seen is null && waited.Elapsed < TimeSpan.FromMinutes(1); Thread.Sleep(100))
                    if (watched.StateOf(first).State == RunState.Running) seen = new StudyLook(watched).Last(first, "loss");
            }
            MakeUp(files, attempt);
        });
        using var store = StudyStore.Open(Folder.At("store"));
        Assert.True(Run(plan, store).Complete);

        Assert.Equal(new("loss", 20, 8, 1280, 2), seen);
        Assert.Equal(RunState.Done, store.StateOf(first).State);
        Assert.Equal(53, store.Measurements(first).Count);
    }

    [Theory]
    [InlineData("measurements.jsonl")]
    [InlineData("ended.json")]
    public void A_run_of_which_only_a_part_was_copied_is_not_taken_over_and_told_with_how_to_mend_it(string name)
    {
        var plan = Plan(1, 1);
        var (file, kept) = (Path.Combine(Folder.At("store"), "runs", plan.Runs[0].Id, "0001", name), Folder.At("kept"));
        using var slurm = new FakeSlurm();
        slurm.StartNodes((files, attempt) =>
        {
            MakeUp(files, attempt);
            if (attempt.Run == plan.Runs[0].Id) File.Move(file, kept);
        });
        using var store = StudyStore.Open(Folder.At("store"));
        var problem = Assert.Throws<InputException>(() => Run(plan, store)).Problems.Single();

        Assert.Equal(file, problem.Where);
        Assert.Contains("missing or cut short", problem.What, StringComparison.Ordinal);
        Assert.Contains("copy the whole store again", problem.Mend, StringComparison.Ordinal);
        Assert.Empty(store.Attempts(plan.Runs[0].Id));
        File.Move(kept, file);
        Assert.True(Run(plan, store).Complete);
        Assert.Equal(52, store.Measurements(plan.Runs[0].Id).Count);
    }

    /// <summary>What can never begin is taken away by Slurm's --kill-on-invalid-dep; here by the test, after so many tasks.</summary>
    private async Task<StudyOutcome> RunUntilNothingCanBegin(Plan plan, StudyStore store, FakeSlurm slurm, int done)
    {
        var running = Task.Run(() => Run(plan, store), TestContext.Current.CancellationToken);
        for (; !running.IsCompleted; await Task.Delay(200, TestContext.Current.CancellationToken))
            if (slurm.Done == done) slurm.TakeAwayAll();
        return await running;
    }

    private sealed class Notes : Watcher
    {
        public ConcurrentQueue<string> Told { get; } = [];

        public override void Noted(string what) => Told.Enqueue(what);
    }

    private static long PeakMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 >> 20;
    }
}
