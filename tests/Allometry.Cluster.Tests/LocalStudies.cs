namespace Allometry.Cluster.Tests;

/// <summary>What studies give that are run on this machine and that nothing disturbs, each once for all tests.</summary>
public sealed class LocalStudies
{
    private static readonly Dictionary<string, IReadOnlyList<string>> known = [];

    public IReadOnlyList<string> Results(params (string Old, string New)[] changes)
    {
        var key = string.Join('|', changes);
        if (known.TryGetValue(key, out var results)) return results;
        using var study = new Study(changes: changes);
        study.RunLocally().HasEndedWith(0);
        return known[key] = study.Results;
    }
}
