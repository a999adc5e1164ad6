namespace Allometry.Kinds;

/// <summary>
/// Marks a text, or a list of texts, that names a data file. In a recipe it is relative to the recipe's file, and a run is known by
/// what the file holds, not by where it lies.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class DataFileAttribute : Attribute;
