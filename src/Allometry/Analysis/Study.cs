namespace Allometry.Analysis;

/// <summary>One study as it stands: what was asked, what ran, what was measured. Every report is a pure function of it.</summary>
public sealed record Study(
    string Name,
    string RecipeYaml,
    StudyEnvironment Environment,
    IReadOnlyList<StudyRun> Runs,
    IReadOnlyList<string> QualityNames,
    IReadOnlyList<string> CostNames,
    DateTimeOffset Created);
