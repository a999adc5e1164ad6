namespace Allometry.Files;

/// <summary>
/// The folder of data sets that may not be redistributed: <c>ALLOMETRY_DATA</c>, else <c>allometry/data</c> in the user's data home.
/// A recipe names a file there as <c>$ALLOMETRY_DATA/glue/...</c>.
/// </summary>
public static class DataFolder
{
    public const string Variable = "ALLOMETRY_DATA";

    public static string Root => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given
        ? Path.GetFullPath(given)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "allometry", "data");

    /// <summary>Whether a true path leads there.</summary>
    public static bool Contains(string path) => path.StartsWith(Root, StringComparison.Ordinal);

    public static bool Holds(string path) => path.StartsWith($"${Variable}/", StringComparison.Ordinal);

    /// <summary>The true path of a file that a recipe names; a relative one starts at <paramref name="folder"/>.</summary>
    public static string Resolve(string path, string folder) =>
        Holds(path) ? Path.GetFullPath(Path.Combine(Root, path[(Variable.Length + 2)..])) : Path.GetFullPath(path, Path.GetFullPath(folder));
}
