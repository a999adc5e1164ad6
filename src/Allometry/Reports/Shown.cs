namespace Allometry.Reports;

/// <summary>Where a column appears: a console has room for few.</summary>
public enum Shown
{
    Everywhere,

    /// <summary>On the page and in files, not on a console.</summary>
    OnPage,

    /// <summary>Only in CSV and JSON: what a person reads is in a neighbour.</summary>
    InFiles,
}
