namespace Allometry.Costs;

/// <summary>Why a piece makes no sense in texts of a length: what, and how to mend it.</summary>
/// <param name="Always">Whether it harms a model too that has learnt from longer texts; if not, the piece is of no use there, and of no harm.</param>
public sealed record Misfit(string What, string Mend, bool Always = false);
