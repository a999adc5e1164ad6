using System.Diagnostics;
using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>Nodes that lose their power or their cable in mid-training, or have no room, on two nodes with networks of their own.</summary>
public sealed class LostNodeTests(NamespaceCluster cluster) : IClassFixture<NamespaceCluster>
{
    // Twelve runs: two shapes, two seeds, each pre-trained, fine-tuned from that and from scratch.
    private static readonly (string, string)[] Wide = [("steps: 60", "steps: 600"), ("seeds: [1]", "seeds: [1, 2]")];

    private readonly Script slurm = cluster.Use();

    [Fact]
    public void A_node_that_loses_its_power_in_mid_training_costs_what_came_after_the_last_checkpoint_and_no_bit()
    {
        using var study = new Study(slurm, changes: Study.Pretraining);
        using var process = StartOnSecondNode(study, out _);
        slurm.Run("kill-node", "1");
        Until(() => Node(1) == "down", process, "down");
        slurm.Run("start-node", "1");
        process.Wait().HasEndedWith(0);

        Assert.Equal(LocalStudies.Results(Study.Pretraining), study.Results);
        Assert.Equal(1, Results.WentOn(study.Store));
    }

    /// <summary>The copy on the node that is cut off stands still until its successor is at work, and then goes on beside it.</summary>
    [Fact]
    public void A_node_that_is_cut_off_and_goes_on_computing_spoils_nothing()
    {
        using var study = new Study(slurm, changes: Study.Pretraining);
        using var process = StartOnSecondNode(study, out var first);
        slurm.Run("cut-node", "1");
        Until(() => study.Claims() == 2, process, "a second copy, which has claimed the run");
        Signals.Send(first, Signals.Continue);
        Until(() => study.Told(1, "ended.json").Length > 0, process, "the first copy has found out");
        slurm.Run("heal-node", "1");
        process.Wait().HasEndedWith(0);

        Assert.Equal(LocalStudies.Results(Study.Pretraining), study.Results);
        Assert.Equal(1, Results.WentOn(study.Store));
        Assert.Equal(1, Results.Count(study.Store, "select count(*) from attempts where number = 1 and state = 'Interrupted' and reason like '%attempt 2 has followed it%'"));
    }

    [Fact]
    public void A_node_whose_own_disk_is_full_is_told_and_passed_over()
    {
        using var study = new Study(slurm, changes: Study.Pretraining);
        var cache = Directory.CreateDirectory(study.At("cache")).FullName;
        slurm.Run("fill-disk", "0", cache);
        try
        {
            using var process = Start(study, ("XDG_CACHE_HOME", cache));
            var ended = process.Wait();
            ended.HasEndedWith(0);

            Assert.Matches("n0: .*the disk is full; make room .*it is submitted again", ended.Output);
            Assert.Equal(LocalStudies.Results(Study.Pretraining), study.Results);
            Assert.Equal(2, study.Claims());
        }
        finally { slurm.Run("clear-disk", "0", cache); }
    }

    [Fact]
    public void A_study_of_twelve_runs_that_loses_a_node_ends_in_the_same_bits()
    {
        Surroundings.Require(Surroundings.LackOfPatience);
        using var study = new Study(slurm, changes: Wide);
        using var process = Start(study);
        process.Until(() => study.Training().Count == 2 && study.States() == 2);
        slurm.Run("kill-node", "1");
        Until(() => Node(1) == "down", process, "down");
        slurm.Run("start-node", "1");
        process.Wait().HasEndedWith(0);

        Assert.Equal(12, Results.Count(study.Store, "select count(distinct run) from attempts where state = 'Done'"));
        Assert.Equal(LocalStudies.Results(Wide), study.Results);
        TestContext.Current.SendDiagnosticMessage($"{study.Results.Count} measurements and files compared");
        Assert.True(Results.WentOn(study.Store) >= 1, "the run of the lost node went on from its checkpoint");
    }

    private AllometryProcess Start(Study study, params (string, string)[] environment) =>
        AllometryProcess.StartOther(slurm.Path, study.Path, ["exec", AllometryProcess.Executable, .. Study.OnCluster, "--checkpoint-every", "300ms"], [.. slurm.Environment, .. environment]);

    /// <summary>With the one run that can begin on node 1, held past its first checkpoint.</summary>
    private AllometryProcess StartOnSecondNode(Study study, out int worker)
    {
        slurm.Run("exec", "scontrol", "update", "nodename=n0", "state=drain", "reason=test");
        var process = Start(study);
        worker = study.HoldAtCheckpoint(process);
        slurm.Run("exec", "scontrol", "update", "nodename=n0", "state=resume");
        return process;
    }

    private string Node(int number) => slurm.Run(slurm.Path, ["exec", "sinfo", "-h", "-N", "-n", $"n{number}", "-p", "main", "-o", "%T"], mayFail: true).Trim().TrimEnd('*');

    private static void Until(Func<bool> condition, AllometryProcess process, string what)
    {
        for (var waited = Stopwatch.StartNew(); !condition(); Thread.Sleep(500))
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(5) && !process.HasEndedWithin(TimeSpan.Zero), $"not in time: {what}");
    }
}
