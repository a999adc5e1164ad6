using Allometry.Analysis.Transfer;

namespace Allometry.Analysis;

/// <summary>A setting that was tried on one shape.</summary>
/// <param name="Tries">By rising setting; a loss that is no number where the training diverged.</param>
public sealed record Sweep(string Shape, int Width, IReadOnlyList<(double Setting, double Loss)> Tries)
{
    /// <summary>Sweeps that have run to their end.</summary>
    public static IReadOnlyList<Sweep> All(Study study) =>
        [.. study.Runs.Where(run => run.Stage == StudyRun.Sweep && double.IsFinite(run.Setting)).GroupBy(run => run.Name).Where(sweep => sweep.All(run => run.State is "done" or "failed"))
            .Select(sweep => new Sweep(sweep.Key, sweep.First().Facts.Dimensions.GetValueOrDefault("model-width"), [.. sweep.Select(run => (run.Setting, run.Result("validation-loss"))).OrderBy(one => one.Setting)]))];

    public double? Best => Optimum.Of(Tries);

    public bool IsAtEdge => Optimum.IsAtEdge(Tries);

    /// <summary>What a person should know of a best setting at the edge.</summary>
    public string Warning => $"{Shape} did best with the {(Tries.MinBy(one => double.IsFinite(one.Loss) ? one.Loss : double.PositiveInfinity).Setting == Tries[0].Setting ? "lowest" : "highest")} of the rates that were tried";
}
