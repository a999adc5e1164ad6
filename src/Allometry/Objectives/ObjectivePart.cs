namespace Allometry.Objectives;

/// <summary>One of the objectives that a mixture draws examples of: its name there, and its share of the examples.</summary>
public sealed record ObjectivePart(string Name, double Share, Objective Objective);
