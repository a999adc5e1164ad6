namespace Allometry.Reports;

/// <summary>Text as it was written or is to be typed.</summary>
public sealed record Listing(string Name, string Language, string Text) : Block;
