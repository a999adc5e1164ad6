using System.Diagnostics;
using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>Nodes that lose their power or their cable in mid-training, on two nodes with networks of their own.</summary>
[Collection("one cluster at a time")]
public sealed class LostNodeTests : IClassFixture<NamespaceCluster>, IClassFixture<LocalStudies>
{
    // Twelve runs: two shapes, two seeds, each pre-trained, fine-tuned from that and from scratch.
    private static readonly (string, string)[] Wide = [("steps: 60", "steps: 600"), ("seeds: [1]", "seeds: [1, 2]")];

    // One pre-training, long enough for a successor to start beside it, and a fine-tuning.
    private static readonly (string, string)[] Long =
    [
        ("steps: 60", "steps: 3000"), ("from: [pretrain, scratch]", "from: [pretrain]"), Study.OneShape,
    ];

    private readonly NamespaceCluster cluster;
    private readonly LocalStudies local;

    public LostNodeTests(NamespaceCluster cluster, LocalStudies local)
    {
        Surroundings.Require(Surroundings.LackForNamespaces ?? Surroundings.LackOfPatience);
        (this.cluster, this.local) = (cluster, local);
    }

    private Script Slurm => cluster.Script!;

    [Fact]
    public void A_study_of_twelve_runs_that_loses_a_node_ends_in_the_same_bits()
    {
        using var study = new Study(changes: Wide);
        using var process = Start(study);
        process.Until(() => study.Training().Count == 2);
        process.Until(() => study.States() == 2);
        Slurm.Run("kill-node", "1");
        Until(() => Node(1) != "down", process, "down");
        Slurm.Run("start-node", "1");
        process.Wait().HasEndedWith(0);

        Assert.Equal(12, Results.Count(study.Store, "select count(distinct run) from attempts where state = 'Done'"));
        Assert.Equal(local.Results(Wide), study.Results);
        TestContext.Current.SendDiagnosticMessage($"{study.Results.Count} measurements and files compared");
        Assert.True(Results.Count(study.Store, "select count(*) from attempts where from_step > 0 and state = 'Done'") >= 1, "the run of the lost node went on from its checkpoint");
    }

    [Fact]
    public void A_node_that_is_cut_off_and_goes_on_computing_spoils_nothing()
    {
        using var study = new Study(changes: Long);
        Slurm.Run("exec", "scontrol", "update", "nodename=n0", "state=drain", "reason=test");
        using var process = Start(study);
        process.Until(() => study.Training().Count == 1 && study.States() == 1);
        Slurm.Run("exec", "scontrol", "update", "nodename=n0", "state=resume");
        Slurm.Run("cut-node", "1");
        Until(() => study.Workers().Count < 2, process, "two copies of one run");
        Slurm.Run("heal-node", "1");
        process.Wait().HasEndedWith(0);

        Assert.Equal(local.Results(Long), study.Results);
        Assert.True(Results.Count(study.Store, "select count(*) from attempts where from_step > 0 and state = 'Done'") == 1, "the successor went on from the checkpoint of the one that was cut off");
    }

    private AllometryProcess Start(Study study) =>
        AllometryProcess.StartBy(Slurm.Path, study.Path, ["exec", AllometryProcess.Executable, .. Study.OnCluster, "--checkpoint-every", "1s"]);

    private string Node(int number) => Slurm.Run("exec", "sinfo", "-h", "-N", "-n", $"n{number}", "-p", "main", "-o", "%T").Trim().TrimEnd('*');

    private static void Until(Func<bool> goesOn, AllometryProcess process, string what)
    {
        for (var waited = Stopwatch.StartNew(); goesOn(); Thread.Sleep(500))
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(2) && !process.HasEndedWithin(TimeSpan.Zero), $"not in time: {what}");
    }
}
