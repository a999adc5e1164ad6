namespace Allometry.Reports;

/// <summary>Where a column appears: a console has room for few.</summary>
public enum Shown
{
    Everywhere,

    /// <summary>On the page, not on a console; without a name, not in files either: there its parts stand.</summary>
    OnPage,

    /// <summary>Only in CSV and JSON: what a person reads is in a neighbour.</summary>
    InFiles,
}
