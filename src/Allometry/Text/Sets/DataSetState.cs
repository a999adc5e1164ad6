namespace Allometry.Text.Sets;

/// <summary>How a person's copy of a data set stands.</summary>
public enum DataSetState
{
    Absent,

    /// <summary>Only some of its files are there.</summary>
    Incomplete,

    Present,

    /// <summary>One of its files at least is another file.</summary>
    Different,
}
