using System.Text.Json;

namespace Allometry.EndToEnd.Tests;

/// <summary>Text in, text out, with a model that the smoke recipe trained.</summary>
public sealed class GenerateTests(UndisturbedRun undisturbed) : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("--max-new-tokens", "12")]
    [InlineData("--beams", "3", "--length-penalty", "0.6", "--max-new-tokens", "12")]
    [InlineData("--decoding", "sample", "--temperature", "1.2", "--top-k", "30", "--top-p", "0.9", "--seed", "4", "--max-new-tokens", "12")]
    public void Argument_file_and_standard_input_give_the_same_answers_a_line_each(params string[] how)
    {
        string[] prompts = ["element: Gets the name.", "", "element: The size, in bytes.", "x"];
        var text = string.Join('\n', prompts);
        var read = AllometryProcess.RunReading(text, folder.Path, ["generate", undisturbed.Model, "--batch", "3", .. how]);
        var filed = AllometryProcess.Run(folder.Path, ["generate", undisturbed.Model, "--file", folder.Write("prompts.txt", text + "\n"), .. how]);
        var document = AllometryProcess.RunReading(text, folder.Path, ["generate", undisturbed.Model, "--json", .. how]);
        var first = AllometryProcess.Run(folder.Path, ["generate", undisturbed.Model, prompts[0], .. how]);

        Assert.All([read, filed, document, first], ended => ended.HasEndedWith(0));
        var answers = JsonDocument.Parse(document.Output).RootElement.EnumerateArray().ToList();
        Assert.Equal(prompts, answers.Select(answer => answer.GetProperty("input").GetString()));
        var lines = string.Concat(answers.Select(answer => answer.GetProperty("output").GetString()!.ReplaceLineEndings("\\n") + "\n"));
        Assert.Equal(lines, read.Output);
        Assert.Equal(lines, filed.Output);
        Assert.Equal(lines.Split('\n')[0], first.Output.TrimEnd('\n'));
        Assert.Equal(how[0] == "--beams", answers[0].TryGetProperty("score", out _));
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once_each_by_its_option()
    {
        var ended = AllometryProcess.Run(folder.Path, "generate", "absent", "--file", "absent.txt", "--decoding", "sample", "--temperature", "0", "--top-p", "1.5", "--beams", "2");
        ended.HasEndedWith(1);
        Assert.Equal("", ended.Output);
        Assert.Equal(["--temperature", "--top-p", "--width", "absent", "absent.txt"], ended.Error.TrimEnd('\n').Split('\n').Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("--batch", "0")]
    [InlineData("--decoding", "beems")]
    [InlineData("--min-new-tokens", "-1")]
    [InlineData("--no-repeat-ngram", "many")]
    public void A_wrong_option_is_named(string option, string value)
    {
        var ended = AllometryProcess.Run(folder.Path, "generate", undisturbed.Model, "x", option, value);
        ended.HasEndedWith(1);
        Assert.StartsWith($"{option}: ", ended.Error, StringComparison.Ordinal);
    }
}
