using Allometry.Kinds;

namespace Allometry.Analysis.Laws;

/// <summary>What stands in the way of fitting a law to points.</summary>
public static class LawProblems
{
    public static IEnumerable<Problem> Of(ScalingLaw law, IReadOnlyList<Observation> points)
    {
        if (points.Count < law.FewestPoints)
        {
            yield return new("rows", $"'{law.Name}' needs {law.FewestPoints} points to be fitted to and there are {points.Count}", law.Arguments.SequenceEqual(law.Reads)
                ? "give more runs, or a law with fewer parameters" : "give more runs: a point is made of several");
            yield break;
        }
        for (var k = 0; k < law.Arguments.Count; k++)
            if (law.Differs.Contains(law.Arguments[k]) && points.All(point => point.X[k] == points[0].X[k]))
                yield return new("rows", $"all have the same {Word(law.Arguments[k])} ({points[0].X[k]:G6}), so nothing can be said of how the {Word(law.Predicts)} changes with it", "give runs that differ in it, or another law");
        if (points.All(point => point.Y == points[0].Y))
            yield return new("rows", $"the {Word(law.Predicts)} is the same everywhere ({points[0].Y:G6})", "check that its column is the right one");
    }

    private static string Word(Variable variable) => $"{variable.Title.ToLowerInvariant()} ({variable.Symbol})";
}
