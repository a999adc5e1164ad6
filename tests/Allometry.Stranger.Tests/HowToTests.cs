using System.Text.RegularExpressions;

namespace Allometry.Stranger.Tests;

/// <summary>The page that tells how to add a variant shows these files, and nothing older.</summary>
public sealed partial class HowToTests
{
    [Fact]
    public void Every_example_of_the_page_is_the_file_it_names()
    {
        var examples = Example().Matches(Read("docs/how-to-add-a-variant.md")).ToDictionary(match => match.Groups["path"].Value, match => match.Groups["text"].Value);
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Equal(Read(example.Key), example.Value));
    }

    [Fact]
    public void Every_kind_of_these_tests_is_on_the_page()
    {
        var page = Read("docs/how-to-add-a-variant.md");
        var ours = Strangers.Kinds.ToList();
        Assert.Equal(7, ours.Count);
        Assert.All(ours, kind => Assert.Contains($"[Kind(\"{kind.Name}\")", page, StringComparison.Ordinal));
    }

    private static string Read(string path)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Allometry.slnx"))) root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("No Allometry.slnx above the tests.");
        return File.ReadAllText(Path.Combine(root, path)).ReplaceLineEndings("\n");
    }

    [GeneratedRegex("^`(?<path>tests/[^`]+)`:\n\n```[a-z]+\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Example();
}
