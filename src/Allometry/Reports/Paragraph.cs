namespace Allometry.Reports;

/// <summary>Running text. Lead is the answer itself, set larger.</summary>
public sealed record Paragraph(string Text, bool Lead = false) : Block;
