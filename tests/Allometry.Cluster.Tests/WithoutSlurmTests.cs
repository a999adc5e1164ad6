using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Cluster.Tests;

/// <summary>Where this process finds no program at all.</summary>
[Collection(Alone.Name)]
public sealed class WithoutSlurmTests : SimulatedStudy
{
    [Fact]
    public void A_machine_without_Slurm_is_told_where_to_run_this_and_loses_nothing()
    {
        var path = Environment.GetEnvironmentVariable("PATH");
        using var store = StudyStore.Open(Folder.At("store"));
        try
        {
            Environment.SetEnvironmentVariable("PATH", Folder.Path);
            var problem = Assert.Throws<InputException>(() => Run(Plan(1, 1), store)).Problems.Single();
            Assert.Matches("there is no squeue on this machine", problem.What);
            Assert.Contains("login node", problem.Mend, StringComparison.Ordinal);
        }
        finally { Environment.SetEnvironmentVariable("PATH", path); }
        using var slurm = new FakeSlurm();
        slurm.StartNodes(MakeUp);
        Assert.True(Run(Plan(1, 1), store).Complete);
    }
}
