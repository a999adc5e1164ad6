using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>Tasks that Slurm takes from their nodes before they are done: for a more urgent job, or since their time is up.</summary>
[Collection(OnLoopback.Name)]
public sealed class EvictedTests(LoopbackCluster cluster)
{
    private readonly Script slurm = cluster.Use();

    [Fact]
    public void What_gives_way_to_a_more_urgent_job_saves_is_requeued_and_ends_in_the_same_bits()
    {
        using var study = new Study(slurm, changes: Study.Pretraining);
        using var process = study.Start("--checkpoint-every", "1h");
        var worker = study.HoldInTraining(process.Until);
        slurm.Run("sbatch", ["--partition=urgent", "--nodes=2", "--chdir=/tmp", "--output=/dev/null", "--wrap=sleep 1"]);
        process.Until(() => Signals.HasReached(worker, Signals.User));
        Signals.Send(worker, Signals.Continue);
        process.Wait().HasEndedWith(0);

        Assert.Equal(LocalStudies.Results(Study.Pretraining), study.Results);
        Assert.Equal(1, Results.WentOn(study.Store));
        Assert.Equal(1, study.Submissions().Sum()); // Slurm has requeued it, and nobody has submitted it again
    }

    /// <summary>The worker stands still until the signal is there, so that it comes in mid-training however fast the machine is. Slurm looks at limits every 30 s.</summary>
    [Fact]
    public void What_nears_its_time_limit_is_told_saves_is_requeued_and_ends_in_the_same_bits()
    {
        Surroundings.Require(Surroundings.LackOfPatience);
        using var study = new Study(slurm, Study.Profile.Replace("time: 10m", "time: 1m", StringComparison.Ordinal), Study.Pretraining);
        using var process = study.Start("--checkpoint-every", "1h");
        var worker = study.HoldInTraining(process.Until);
        process.Until(() => Results.Count(study.Store, "select count(*) from measurements where name = 'loss'") > 0); // what it has measured is in the store while it runs
        process.Until(() => Signals.HasReached(worker, Signals.User));
        Signals.Send(worker, Signals.Continue);
        process.Wait().HasEndedWith(0);

        Assert.Contains(study.Logs(), log => log.Contains("ended with 99", StringComparison.Ordinal));
        Assert.Equal(LocalStudies.Results(Study.Pretraining), study.Results);
        Assert.Equal(1, Results.WentOn(study.Store));
    }

    /// <summary>A worker that hears nothing, however often Slurm lets it go on and asks it to end.</summary>
    [Fact]
    public void What_is_ended_at_its_time_limit_is_submitted_again_and_ends_in_the_same_bits()
    {
        Surroundings.Require(Surroundings.LackOfPatience);
        using var study = new Study(slurm, Study.Profile.Replace("time: 10m", "time: 1m", StringComparison.Ordinal), Study.Pretraining);
        using var process = study.Start("--checkpoint-every", "300ms");
        var worker = study.HoldAtCheckpoint(process);
        process.Until(() => !Signals.Send(worker, Signals.Stop) || !IsAlive(worker));
        var ended = process.Wait();
        ended.HasEndedWith(0);

        Assert.Contains("TIMEOUT", ended.Output, StringComparison.Ordinal);
        Assert.Equal(LocalStudies.Results(Study.Pretraining), study.Results);
        Assert.Equal(1, Results.WentOn(study.Store));
    }

    private static bool IsAlive(int process) => Directory.Exists($"/proc/{process}");
}
