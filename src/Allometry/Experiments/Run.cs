using Allometry.Kinds;
using Allometry.Models;
using Allometry.Text;

namespace Allometry.Experiments;

/// <summary>
/// Everything that decides the numbers of one run, and nothing else: where and how it is executed belongs to an attempt.
/// </summary>
/// <param name="Stage">The stage, narrowed to what this run does of it.</param>
/// <param name="Corpus">What is pre-trained on; null where the run reads none.</param>
/// <param name="Transferred">Where the learning rate comes from, if not from the stage.</param>
/// <param name="Needs">The runs whose models this one starts from.</param>
public sealed record Run(
    Stage Stage, Architecture Architecture, Shape Shape, Vocabulary Vocabulary, Corpus? Corpus, RunNumbers Numbers, IReadOnlyList<string> Needs, Transferred? Transferred = null)
{
    /// <summary>
    /// The hash of the canonical JSON, in which data files stand as what they hold (<paramref name="fingerprint"/> of a path) and the
    /// shape and arm have no name: neither moving a folder nor renaming makes another run.
    /// </summary>
    public string Id(Func<string, string> fingerprint) =>
        Canonical.Hash(DataFiles.Select(this with { Stage = Stage with { Arm = null }, Shape = Shape with { Name = null } }, fingerprint));
}

/// <summary>The numbers of a run that no other part of it holds.</summary>
public sealed record RunNumbers(long Seed, Numerics Numerics);
