using System.Runtime.InteropServices;

namespace Allometry.Backends.Slurm;

/// <summary>The batch script of an array: one task is one run. It asks nothing of how the cluster's administrators have set Slurm up.</summary>
public static class SlurmScript
{
    /// <summary>A worker ends so that has saved and wants to go on: sysexits.h and Slurm leave 99 free.</summary>
    public const int Requeue = 99;

    // Read by Allometry, .NET, libtorch and its libraries; the rest of the submitting shell, with its secrets, stays where it is.
    private static readonly string[] Travelling = ["ALLOMETRY_", "XDG_CACHE_HOME", "DOTNET_", "OMP_", "GOMP_", "KMP_", "MKL_"];

    /// <param name="start">The command that starts a task's worker, or together those that compute a run.</param>
    public static string For(SlurmProfile profile, IReadOnlyList<string> start, Submission submission) =>
        $$"""
        #!/bin/bash
        # Written by allometry: a task of this array is a run, tasks.json says which. Slurm's USR1 before the time limit, and TERM, become a wish to save; a worker that has saved ends with {{Requeue}}.
        set -u
        export HOME="${HOME:-{{Home}}}"
        {{string.Join('\n', Variables(profile).Select(variable => $"export {variable.Key}={Quoted(variable.Value)}"))}}
        # A job that was submitted with --export=NONE would otherwise give its steps nothing of this.
        export SLURM_EXPORT_ENV=ALL
        {{string.Join('\n', profile.Setup ?? [])}}
        code="$PWD/$SLURM_ARRAY_TASK_ID-${SLURM_RESTART_COUNT:-0}.code"
        rm -f "$code"
        asked=0
        forward() { asked=1; kill -USR1 "$child" 2>/dev/null; }
        trap forward USR1 TERM
        {{string.Join(' ', start.Select(Quoted))}} --submission {{Quoted(submission.Folder)}} --task "$SLURM_ARRAY_TASK_ID" --code "$code" & child=$!
        # A trapped signal ends wait early.
        while :; do wait "$child"; rc=$?; kill -0 "$child" 2>/dev/null || break; done
        [[ $asked -eq 1 && $rc -gt 128 ]] && { wait "$child"; rc=$?; }
        # Of several processes the first one has written down what all have agreed on; one that ends otherwise ends all.
        [[ $rc -eq 0 && -e $code ]] && rc=$(cat "$code")
        rm -f "$code"
        echo "allometry: task $SLURM_ARRAY_TASK_ID ended with $rc on ${SLURMD_NODENAME:-?}, restart ${SLURM_RESTART_COUNT:-0}"
        # A copy on a node that was cut off must not requeue its successor, which bears the same number.
        if [[ $rc -eq {{Requeue}} && $(scontrol -o show job "$SLURM_JOB_ID") == *" Restarts=${SLURM_RESTART_COUNT:-0} "* ]]; then scontrol requeue "$SLURM_JOB_ID" && sleep 60; fi
        exit "$rc"

        """;

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static SortedDictionary<string, string> Variables(SlurmProfile profile)
    {
        // .../shared/Microsoft.NETCore.App/10.0.1/
        SortedDictionary<string, string> variables = new(StringComparer.Ordinal) { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")) };
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            if (variable is { Key: string name, Value: string value } && Travelling.Any(start => name.StartsWith(start, StringComparison.Ordinal))) variables[name] = value;
        foreach (var (name, value) in profile.Environment ?? new Dictionary<string, string>()) variables[name] = value;
        return variables;
    }

    private static string Quoted(string text) => $"'{text.Replace("'", """'\''""", StringComparison.Ordinal)}'";
}
