namespace Allometry.Backends;

/// <summary>A scheduler of other machines, and all that is asked of it: start these runs' folders, how do they stand, stop them. What came of the work is read in the folders.</summary>
public abstract class Launcher
{
    /// <summary>Tasks that one submission may have, numbered from 0.</summary>
    public abstract int MostTasks { get; }

    /// <summary>Submits tasks and returns the name of their job. Throws <see cref="LauncherBusyException"/> where the same may succeed later, an InputException where it cannot.</summary>
    public abstract string Submit(Submission submission);

    /// <summary>The tasks of this person that wait, run or have ended a short time ago; null where the scheduler does not answer.</summary>
    public abstract IReadOnlyList<TaskState>? States();

    /// <summary>Takes tasks away: those that wait, or all.</summary>
    public abstract void Cancel(IReadOnlyCollection<string> jobs, bool onlyWaiting);
}

/// <summary>The scheduler takes no more at present.</summary>
public sealed class LauncherBusyException(string message) : Exception(message);

/// <summary>Tasks that are submitted together: a folder with the script and the list of the tasks, what each needs of a node, and what must have ended before.</summary>
/// <param name="Mark">What the scheduler keeps with the job, by which it is found again.</param>
/// <param name="Avoid">Nodes on which these runs have come to nothing, such as one whose disk is full: others are better, where there are any.</param>
public sealed record Submission(string Folder, string Name, string Mark, IReadOnlyList<int> Tasks, Resources Resources, JobDependency? After, IReadOnlyList<string> Avoid);

/// <summary>What one run gets: cores and memory are those of each of the processes that compute it together.</summary>
public sealed record Resources(int Cores, long Megabytes, int? Minutes, int Ranks = 1);

/// <summary>Jobs that must have ended; task by task where task i waits for task i of the one job to succeed.</summary>
public sealed record JobDependency(IReadOnlyList<string> Jobs, bool TaskByTask);

/// <summary>How a task stands in the scheduler's words.</summary>
public sealed record TaskState(string Job, int Task, TaskPhase Phase, string Word, string Reason, string Node, string Mark);

public enum TaskPhase
{
    Waiting,
    Running,

    /// <summary>It will not start by itself.</summary>
    Held,
    Ended,
}
