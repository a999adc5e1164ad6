using System.Diagnostics;
using System.Globalization;
using Allometry.Backends;
using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>Studies through real Slurm daemons: whatever happens, every loss, metric and tensor is that of the local run.</summary>
[Collection(OnLoopback.Name)]
public sealed class SlurmTests(LoopbackCluster cluster)
{
    private const string OneAtATime = Study.Profile + "at-most: 1\n";

    private readonly Script slurm = cluster.Use();

    [Fact]
    public void Arrays_within_the_limit_and_the_throttle_give_what_the_local_run_gives()
    {
        using var study = new Study(slurm, OneAtATime);
        using var process = study.Start();
        var most = 0;
        while (!process.HasEndedWithin(TimeSpan.FromMilliseconds(300)))
            most = Math.Max(most, Running().GroupBy(job => job).Select(array => array.Count()).DefaultIfEmpty(0).Max());
        process.Wait().HasEndedWith(0);

        Assert.Equal(LocalStudies.Results(), study.Results);
        Assert.Equal(1, most);
        Assert.All(study.Submissions(), tasks => Assert.InRange(tasks, 1, 3));
        Assert.Equal(6, study.Submissions().Sum());
        Assert.Contains("\"state\": \"done\"", study.Do("status", "--json").Output, StringComparison.Ordinal);
        Assert.Contains("Nothing to do", study.Run().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signal_in_mid_training_saves_and_the_requeued_task_ends_in_the_same_bits()
    {
        using var study = new Study(slurm, changes: Study.Pair);
        using var process = study.Start("--checkpoint-every", "1h");
        var worker = study.HoldInTraining(process.Until);
        var (run, task) = study.Training().Single();
        slurm.Run("scancel", ["--signal=USR1", "--batch", task]);
        process.Until(() => Signals.HasReached(worker, Signals.User));
        Signals.Send(worker, Signals.Continue);
        process.Wait().HasEndedWith(0);

        Assert.Equal(LocalStudies.Results(Study.Pair), study.Results);
        Assert.True(Results.Count(study.Store, $"select count(*) from attempts where run = '{run}' and from_step > 0 and state = 'Done'") == 1, "it went on from where the signal came");
    }

    [Fact]
    public void A_task_whose_process_is_killed_is_tried_again_and_ends_in_the_same_bits()
    {
        using var study = new Study(slurm, changes: Study.Pair);
        using var process = study.Start("--checkpoint-every", "300ms");
        Signals.Send(study.HoldAtCheckpoint(process), Signals.Kill);
        var ended = process.Wait();
        ended.HasEndedWith(0);

        Assert.Contains("it is submitted again", ended.Output, StringComparison.Ordinal);
        Assert.Equal(LocalStudies.Results(Study.Pair), study.Results);
    }

    [Fact]
    public void A_killed_coordinator_comes_back_to_what_was_submitted_and_a_second_one_beside_it_is_refused()
    {
        using var study = new Study(slurm, changes: Study.Pair);
        int worker;
        using (var first = study.Start())
        {
            worker = study.HoldInTraining(first.Until);
            var second = study.Run();
            second.HasEndedWith(1);
            Assert.Contains("another", second.Error, StringComparison.Ordinal);
            first.Kill();
        }
        var submitted = study.Submissions().Sum();
        Signals.Send(worker, Signals.Continue);
        study.Run().HasEndedWith(0);

        Assert.Equal(LocalStudies.Results(Study.Pair), study.Results);
        Assert.Equal(submitted, study.Submissions().Sum());
        Assert.Equal(2, submitted);
    }

    [Fact]
    public void A_controller_that_is_killed_and_started_again_loses_nothing()
    {
        using var study = new Study(slurm, changes: Study.Pair);
        using var process = study.Start("--checkpoint-every", "300ms");
        process.Until(() => study.Training().Count > 0);
        slurm.Run("kill-controller");
        Thread.Sleep(TimeSpan.FromSeconds(2));
        slurm.Run("start-controller");
        // A controller that has lost its memory drains nodes whose jobs it does not know; an administrator takes them back.
        while (!process.HasEndedWithin(TimeSpan.FromSeconds(2))) slurm.Run("scontrol", ["update", "nodename=n0,n1", "state=resume"], mayFail: true);
        process.Wait().HasEndedWith(0);

        Assert.Equal(LocalStudies.Results(Study.Pair), study.Results);
    }

    [Fact]
    public void A_detached_study_is_seen_and_cancelled_from_its_folder_alone_and_goes_on_from_there()
    {
        using var study = new Study(slurm, changes: Study.Pair);
        study.Run("--detach", "--checkpoint-every", "1h").HasEndedWith(0);
        var worker = study.HoldInTraining(condition => Until(condition, "a task trains"));
        Assert.Contains("\"state\": \"running\"", study.Do("status", "--json").Output, StringComparison.Ordinal);
        using (var cancel = AllometryProcess.StartWith(slurm.Environment, study.Path, "cancel"))
        {
            cancel.Until(() => CancelWish.IsMade(study.Store));
            Signals.Send(worker, Signals.Continue);
            cancel.Wait().HasEndedWith(0);
        }
        Until(() => !Running().Any(), "all tasks have ended");
        Assert.True(study.States() > 0, "what ran has saved");
        study.Run().HasEndedWith(0);

        Assert.Equal(LocalStudies.Results(Study.Pair), study.Results);
        Assert.True(Results.WentOn(study.Store) >= 1, "it went on from where it was cancelled");
    }

    [Fact]
    public void No_two_tasks_share_a_GPU_and_no_secret_of_the_submitting_shell_travels()
    {
        using var study = new Study(slurm, Study.Profile + "gpus: 1\nsetup:\n  - 'note() { echo \"$SLURMD_NODENAME:$CUDA_VISIBLE_DEVICES $1 $(date +%s%N)\" >> ../../../../gpus; }; note 1; trap \"note 2\" EXIT; env >> ../../../../environment'\n");
        using (var process = AllometryProcess.StartWith([.. slurm.Environment, ("SECRET_TOKEN", "swordfish")], study.Path, Study.OnCluster)) process.Wait().HasEndedWith(0);

        Assert.DoesNotContain("swordfish", File.ReadAllText(study.At("environment")), StringComparison.Ordinal);
        var events = File.ReadLines(study.At("gpus")).Select(line => line.Split(' ')).Select(words => (Device: words[0], What: words[1], At: long.Parse(words[2], CultureInfo.InvariantCulture))).ToList();
        Assert.Equal(6, events.Count(one => one.What == "1"));
        foreach (var device in events.GroupBy(one => one.Device))
        {
            Assert.Matches("n[01]:[0-9]", device.Key);
            Assert.Equal(string.Concat(Enumerable.Repeat("12", device.Count() / 2)), string.Concat(device.OrderBy(one => one.At).Select(one => one.What)));
        }
    }

    [Fact]
    public void What_Slurm_refuses_is_told_in_its_own_words_and_nothing_is_lost()
    {
        (string, string)[] brief = [.. Study.Pretraining.Skip(1)];
        using var study = new Study(slurm, changes: brief);
        foreach (var (line, words) in new[] { ("partition: nowhere", "invalid partition"), ("options: [--time=forever]", "nvalid") })
        {
            File.WriteAllText(study.At("profile.yaml"), $"{Study.Profile}{line}\n");
            var refused = study.Run();
            refused.HasEndedWith(1);
            Assert.Contains("Slurm refuses", refused.Error, StringComparison.Ordinal);
            Assert.Contains(words, refused.Error, StringComparison.Ordinal);
        }

        File.WriteAllText(study.At("profile.yaml"), Study.Profile);
        study.Run().HasEndedWith(0);
        Assert.Equal(LocalStudies.Results(brief), study.Results);
    }

    private static void Until(Func<bool> condition, string what)
    {
        for (var waited = Stopwatch.StartNew(); !condition(); Thread.Sleep(100))
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(5), $"not in time: {what}");
    }

    /// <summary>The arrays of the tasks that run, one for each task.</summary>
    private IEnumerable<string> Running() => slurm.Run("squeue", ["-h", "-r", "-t", "RUNNING", "-o", "%F"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
