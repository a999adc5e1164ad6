namespace Allometry.Reports;

/// <param name="InBrief">Shown on a console too, where there is room for little.</param>
public sealed record Section(string Name, string Title, IReadOnlyList<Block> Blocks, bool InBrief = false);
