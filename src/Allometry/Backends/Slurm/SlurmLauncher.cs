using System.Globalization;
using Allometry.Files;
using Allometry.Kinds;

namespace Allometry.Backends.Slurm;

/// <summary>Slurm through its commands: what every site has, and what carries a person's identity without more.</summary>
public sealed class SlurmLauncher(SlurmProfile profile, IReadOnlyList<string> worker) : Launcher
{
    private const string UsualMpi = "pmix", Mpirun = "mpirun";

    // Slurm's own default of MaxArraySize, whose last task has one less.
    private const int UsualMost = 1000;

    // What sbatch says where the same may succeed when jobs have ended, or when the controller is back.
    private static readonly string[] Passing =
        ["SubmitJob", "temporarily unable", "Unable to contact", "Socket timed out", "Connection refused", "Transport endpoint", "Zero Bytes were transmitted", "error receiving"];

    // States after which a task of a job comes no more (squeue(1), JOB STATE CODES).
    private static readonly string[] Over = ["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE", "PREEMPTED", "REVOKED"];

    private int? mostTasks;
    private string? mpi;

    public override int MostTasks => mostTasks ??= AskMostTasks();

    public override string Submit(Submission submission)
    {
        AtomicFile.WriteText(Path.Combine(submission.Folder, "job.sh"), SlurmScript.For(profile, Started(submission), submission));
        var submitted = SlurmCommand.Run("sbatch", [.. Options(submission), Path.Combine(submission.Folder, "job.sh")]);
        if (submitted.Succeeded && submitted.Output.Trim().Split(';')[0] is { Length: > 0 } job) return job;
        if (Passing.Any(word => submitted.Complaint.Contains(word, StringComparison.OrdinalIgnoreCase))) throw new LauncherBusyException(submitted.Complaint);
        if (submission.Avoid.Count > 0) return Submit(submission with { Avoid = [] }); // where no other node is left they are as good as any
        throw new InputException("sbatch", submitted.Complaint.Length > 0 ? $"Slurm refuses: {submitted.Complaint}" : $"it ended with exit code {submitted.Code} and said nothing", "mend the profile and run the same command again: what is submitted or done is not lost");
    }

    /// <summary>The command that starts a task's worker, or all of those that compute a run together.</summary>
    private IReadOnlyList<string> Started(Submission submission)
    {
        if (submission.Resources is not { Ranks: > 1 and var ranks, Cores: var cores }) return worker;
        mpi ??= profile.Mpi ?? (SlurmCommand.Run("srun", "--mpi=list") is var asked && (asked.Output + asked.Error).Contains(UsualMpi, StringComparison.Ordinal) ? UsualMpi : Mpirun);
        // Without -K a dead rank leaves the others waiting.
        return mpi == Mpirun
            ? ["env", "OMPI_MCA_hwloc_base_binding_policy=none", Mpirun, "-np", Text(ranks), .. worker]
            : ["srun", "-K1", $"--mpi={mpi}", $"--ntasks={Text(ranks)}", $"--cpus-per-task={Text(cores)}", .. worker];
    }

    public override IReadOnlyList<TaskState>? States()
    {
        var asked = SlurmCommand.Run("squeue", "-h", "-r", "-t", "all", "--me", "-o", "%A|%F|%K|%T|%r|%N|%k");
        return asked.Succeeded ? [.. asked.Output.Split('\n').Select(Task).OfType<TaskState>()] : null;
    }

    public override void Cancel(IReadOnlyCollection<string> jobs, bool onlyWaiting)
    {
        string[] which = onlyWaiting ? ["--state=PENDING"] : [];
        foreach (var part in jobs.Distinct().Chunk(500)) SlurmCommand.Run("scancel", [.. which, .. part]);
    }

    internal static TaskState? Task(string line)
    {
        if (line.Split('|', 7) is not [_, var job, var index, var word, var reason, var node, var mark]) return null;
        var phase = Over.Contains(word) ? TaskPhase.Ended
            : word != "PENDING" ? TaskPhase.Running
            : reason.Contains("held", StringComparison.OrdinalIgnoreCase) || reason == "DependencyNeverSatisfied" ? TaskPhase.Held
            : TaskPhase.Waiting;
        return new(job, int.TryParse(index, CultureInfo.InvariantCulture, out var task) ? task : 0, phase, word, reason, node, mark);
    }

    /// <summary>0,1,2,5 as 0-2,5: what --array takes.</summary>
    internal static string Ranges(IReadOnlyList<int> tasks)
    {
        List<(int First, int Last)> ranges = [];
        foreach (var task in tasks.Order())
        {
            if (ranges is [.., var (first, last)] && last == task - 1) ranges[^1] = (first, task);
            else ranges.Add((task, task));
        }
        return string.Join(',', ranges.Select(range => range.First == range.Last ? Text(range.First) : $"{Text(range.First)}-{Text(range.Last)}"));
    }

    // On the command line and not in the script: there they would give way to variables of the submitting shell.
    private IEnumerable<string> Options(Submission submission)
    {
        var (cores, megabytes, minutes, ranks) = submission.Resources;
        var warning = (int)(profile.Warning ?? TimeSpan.FromSeconds(120)).TotalSeconds;
        // The signal must leave a short run something before it.
        if (minutes is { } limit) warning = Math.Min(warning, 30 * limit);
        return
        [
            "--parsable", $"--job-name={submission.Name}", $"--comment={submission.Mark}", "--export=NONE", "--requeue", "--open-mode=append", $"--signal=B:USR1@{Text(warning)}", "--kill-on-invalid-dep=yes",
            $"--array={Ranges(submission.Tasks)}{(profile.AtMost is { } most ? $"%{Text(most)}" : "")}", $"--ntasks={Text(ranks)}", $"--cpus-per-task={Text(cores)}",
            // Ranks may be on several nodes, on each of which --mem would be asked for.
            .. ranks == 1 ? (string[])["--nodes=1", $"--mem={megabytes.ToString(CultureInfo.InvariantCulture)}M"] : [$"--mem-per-cpu={((megabytes + cores - 1) / cores).ToString(CultureInfo.InvariantCulture)}M"],
            $"--output={Path.Combine(submission.Folder.Replace("%", "%%", StringComparison.Ordinal), "%a.log")}", $"--chdir={submission.Folder}",
            .. Given("partition", profile.Partition), .. Given("account", profile.Account), .. Given("qos", profile.Qos), .. Given("time", minutes is { } time ? Text(time) : null),
            .. Given("exclude", submission.Avoid.Count > 0 ? string.Join(',', submission.Avoid) : null),
            .. Given("gpus", profile.Gpus > 0 ? Text(profile.Gpus) : null),
            .. Given("dependency", submission.After is { } after ? $"{(after.TaskByTask ? "aftercorr" : "afterany")}:{string.Join(':', after.Jobs)}" : null),
            .. profile.Options ?? [],
        ];
    }

    private static IEnumerable<string> Given(string option, string? value) => value is null ? [] : [$"--{option}={value}"];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static int AskMostTasks()
    {
        var line = SlurmCommand.Run("scontrol", "show", "config").Output.Split('\n').FirstOrDefault(line => line.StartsWith("MaxArraySize", StringComparison.Ordinal));
        return int.TryParse(line?.Split('=')[^1].Trim(), CultureInfo.InvariantCulture, out var size) ? Math.Max(1, size - 1) : UsualMost;
    }
}
