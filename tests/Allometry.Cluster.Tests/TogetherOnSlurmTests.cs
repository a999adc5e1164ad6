using Allometry.Cluster.Tests.Mpi;
using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>Runs that two processes compute together, as jobs of real Slurm daemons: a rank on each node.</summary>
[Collection(OnLoopback.Name)]
public sealed class TogetherOnSlurmTests(LoopbackCluster cluster)
{
    private static readonly (string, string)[] Pretraining = [.. Study.Pretraining, ("steps: 400", "steps: 200"), ("seeds: [1]", "seeds: [1]\nranks: 2\nthreads: 1")];

    private readonly Script slurm = cluster.Use(Surroundings.Has("mpirun.openmpi") ? Surroundings.LackForPmix : "there is no mpirun.openmpi: install openmpi-bin");

    /// <summary>By srun, which is asked for PMIx where it offers it.</summary>
    [Fact]
    public void Two_ranks_that_are_told_to_save_in_mid_training_are_requeued_and_give_what_two_local_ranks_give()
    {
        using var study = new Study(slurm, changes: Pretraining);
        using var process = study.Start("--checkpoint-every", "1h");
        var ranks = study.Hold(process.Until, 2, () => true);
        slurm.Run("scancel", ["--signal=USR1", "--batch", study.Training().Single().Task]);
        process.Until(() => ranks.Any(rank => Signals.HasReached(rank, Signals.User)));
        foreach (var rank in ranks) Signals.Send(rank, Signals.Continue);
        process.Wait().HasEndedWith(0);

        Assert.Equal(Local(), study.Results);
        Assert.Equal(1, Results.WentOn(study.Store));
        Assert.Equal(1, study.Submissions().Sum()); // Slurm has requeued the one, and nobody has submitted it again
        Assert.Contains("srun", Script(study), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rank_that_is_killed_ends_its_job_and_the_next_one_goes_on_to_the_same_bits() => KilledUnder("srun", "");

    [Fact]
    public void And_so_where_mpirun_has_started_it()
    {
        Surroundings.Require(Surroundings.LackOfPatience);
        KilledUnder("mpirun", "mpi: mpirun\nenvironment: { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' }\n");
    }

    private void KilledUnder(string starter, string line)
    {
        using var study = new Study(slurm, Study.Profile + line, Pretraining);
        using var process = study.Start("--checkpoint-every", "300ms");
        var ranks = study.Hold(process.Until, 2, () => study.States() > 0);
        Signals.Send(ranks[^1], Signals.Kill);
        Signals.Send(ranks[0], Signals.Continue);
        process.Until(() => !study.Workers().Intersect(ranks).Any());
        var ended = process.Wait();
        ended.HasEndedWith(0);

        Assert.Contains("it is submitted again", ended.Output, StringComparison.Ordinal);
        Assert.Contains(starter, Script(study), StringComparison.Ordinal);
        Assert.Equal(Local(), study.Results);
        Assert.Equal(1, Results.WentOn(study.Store));
    }

    private static string Script(Study study) => File.ReadAllText(Path.Combine(study.Store, "cluster", "0001", "job.sh"));

    private static IReadOnlyList<string> Local() => LocalStudies.Results(study => MpiKind.OpenMpi.Run(2, study.Path, "run", "recipe.yaml"), Pretraining);
}
