using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Backends.Slurm;

/// <summary>A cluster whose jobs Slurm starts.</summary>
[Kind("slurm")]
[Description("A cluster whose jobs Slurm starts.")]
public sealed record SlurmProfile(
    [Description("Partition; Slurm's default where left out.")] string? Partition = null,
    [Description("Account that pays; Slurm's default where left out.")] string? Account = null,
    [Description("Quality of service; Slurm's default where left out.")] string? Qos = null,
    [Description("GPUs of a run."), Range(0, 64)] int Gpus = 0,
    [Description("Most runs of an array at a time.")] int? AtMost = null,
    [Description("How long before its time limit a run is told to save."), DefaultValue("120s")] TimeSpan? Warning = null,
    [Description("What starts the ranks of a run: an --mpi of srun, such as pmix or pmi2, or mpirun. Where left out pmix if srun --mpi=list names it, else mpirun.")] string? Mpi = null,
    [Description("Other options of sbatch, such as --constraint=skylake.")] IReadOnlyList<string>? Options = null,
    [Description("Lines of shell before a run, such as module load dotnet.")] IReadOnlyList<string>? Setup = null,
    [Description("Environment variables of runs. Nothing else of the submitting shell travels but those that Allometry, .NET and libtorch read.")] IReadOnlyDictionary<string, string>? Environment = null) : ClusterProfile
{
    public override Launcher Launcher(IReadOnlyList<string> worker) => new SlurmLauncher(this, worker);
}
