using System.Text.RegularExpressions;

namespace Allometry.Tests.Papers;

/// <summary>The code that the pages of papers point at is there.</summary>
public partial class ReadmeTests
{
    private static readonly string Library = Path.Combine(DependencyDirectionTests.Root(), "src", "Allometry");
    private static readonly string[] Files = [.. Directory.GetFiles(Library, "*", SearchOption.AllDirectories), .. Directory.GetFiles(Path.Combine(DependencyDirectionTests.Root(), "data"), "*", SearchOption.AllDirectories)];
    private static readonly string[] Sources = [.. Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal)).Select(File.ReadAllText)];

    [Fact]
    public void Every_name_beside_an_equation_is_in_the_code()
    {
        var pages = Directory.GetFiles(Path.Combine(Library, "Papers"), "README.md", SearchOption.AllDirectories).ToDictionary(page => Path.GetRelativePath(Library, page), page => Names(page).ToList());
        Assert.All(pages, page => Assert.NotEmpty(page.Value));
        Assert.Empty(pages.SelectMany(page => page.Value.Where(name => !IsThere(name)).Select(name => $"{page.Key}: {name}")));
    }

    /// <summary>Between backticks in the columns that say where something is.</summary>
    private static IEnumerable<string> Names(string page)
    {
        var column = 0;
        foreach (var line in File.ReadLines(page))
        {
            var cells = CellBorder().Split(line);
            if (!line.StartsWith('|')) column = 0;
            else if (column == 0) column = cells.Index().FirstOrDefault(cell => cell.Item.Trim() is "where" or "line").Index is > 0 and var found ? found : cells.Length;
            else if (column < cells.Length)
                foreach (Match name in Quoted().Matches(cells[column])) yield return name.Groups[1].Value;
        }
    }

    /// <summary>A file by the end of its path, a folder, or a member of a type that some file declares, or any word of the sources; what is no name (a line of YAML, a command) is let be.</summary>
    private static bool IsThere(string name) =>
        name.EndsWith('/') ? Directory.Exists(Path.Combine(Library, name))
        : FileName().IsMatch(name) ? Files.Any(file => file.Replace('\\', '/').EndsWith($"/{name}", StringComparison.Ordinal))
        : !CodeName().IsMatch(name) || name.Trim('.').Split('.') is var words && Sources.Any(source => (words.Length == 1 || Declares(source, words[0])) && words.All(word => Has(source, word)));

    private static bool Declares(string source, string type) => Regex.IsMatch(source, $@"\b(class|record|struct|interface|enum) {type}\b");

    private static bool Has(string source, string word) => Regex.IsMatch(source, $@"\b{word}\b");

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex CellBorder();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^[\w/-]+(\.[\w-]+)*\.(cs|yaml|tsv)$")]
    private static partial Regex FileName();

    [GeneratedRegex(@"^\.?[A-Za-z]\w*(\.[A-Za-z]\w*)*$")]
    private static partial Regex CodeName();
}
