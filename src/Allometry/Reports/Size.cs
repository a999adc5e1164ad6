namespace Allometry.Reports;

/// <summary>How much of a page's width a chart takes; those of one size that follow each other stand side by side.</summary>
public enum Size
{
    Full,
    Half,
    Quarter,
}
