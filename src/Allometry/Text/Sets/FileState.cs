namespace Allometry.Text.Sets;

/// <summary>How a file in the data folder stands to the one that a data set means.</summary>
public enum FileState
{
    Absent,

    /// <summary>There, with the checksum it should have, where that is known.</summary>
    Present,

    /// <summary>There, but another file: cut short, changed, or another version.</summary>
    Different,
}
