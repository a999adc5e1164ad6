namespace Allometry.Text;

/// <summary>Which part of a corpus or task: what is learned from, what steers, and what is only reported.</summary>
public enum Split
{
    Train,
    Validation,
    Test,
}
