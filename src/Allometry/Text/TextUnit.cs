namespace Allometry.Text;

/// <summary>What one document is in a plain text file.</summary>
public enum TextUnit
{
    /// <summary>A block of lines between blank lines.</summary>
    Paragraph,

    /// <summary>A line that is not blank.</summary>
    Line,

    /// <summary>The whole file.</summary>
    File,
}
