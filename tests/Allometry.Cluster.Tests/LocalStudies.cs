using Allometry.EndToEnd.Tests;

namespace Allometry.Cluster.Tests;

/// <summary>What studies give that are run on this machine and that nothing disturbs, each once for all tests.</summary>
public static class LocalStudies
{
    private static readonly Dictionary<string, IReadOnlyList<string>> known = [];

    public static IReadOnlyList<string> Results(params (string Old, string New)[] changes) => Results(study => study.RunLocally(), changes);

    /// <summary>Where it takes more than the program alone to run it.</summary>
    public static IReadOnlyList<string> Results(Func<Study, Ended> run, params (string Old, string New)[] changes)
    {
        var key = string.Join('|', changes);
        lock (known)
        {
            if (known.TryGetValue(key, out var results)) return results;
            using var study = new Study(cluster: null, changes: changes);
            run(study).HasEndedWith(0);
            return known[key] = study.Results;
        }
    }
}
