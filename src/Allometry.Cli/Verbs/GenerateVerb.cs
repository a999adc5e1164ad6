using System.CommandLine;
using Allometry.Generation;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Cli.Verbs;

/// <summary>Text in, text out, greedily.</summary>
public static class GenerateVerb
{
    public static Command Command()
    {
        var folder = Options.Checkpoint();
        var text = new Option<string?>("--text") { Description = "The input; without it every line of standard input is one.", HelpName = "TEXT" };
        var longest = new Option<int>("--max-new-tokens") { Description = "Longest answer.", HelpName = "N", DefaultValueFactory = _ => 64 };
        var json = Options.Json();
        var command = new Command("generate", "Text in, text out, greedily.") { folder, text, longest, json };
        command.SetAction(parsed => Run(LoadedModel.Load(parsed.GetValue(folder)!), Inputs(parsed.GetValue(text)), parsed.GetValue(longest), parsed.GetValue(json)));
        return command;
    }

    private static IEnumerable<string> Inputs(string? text)
    {
        if (text is not null) return [text];
        if (!Console.IsInputRedirected) throw new InputException("--text", "there is no input", "give a text, or lines on standard input");
        return Lines();
    }

    private static IEnumerable<string> Lines()
    {
        while (Console.In.ReadLine() is { } line) yield return line;
    }

    private static int Run(LoadedModel loaded, IEnumerable<string> inputs, int longest, bool json)
    {
        if (json) return Json.Print(inputs.Select(input => new { Input = input, Output = Answer(loaded, input, longest) }).ToList());
        foreach (var input in inputs) Console.WriteLine(Answer(loaded, input, longest));
        return CommandLine.Success;
    }

    private static string Answer(LoadedModel loaded, string input, int longest)
    {
        using var batch = Batch.Of([new Example([.. loaded.Tokenizer.Encode(input), Tokenizer.End], [Tokenizer.End])]);
        return new GreedyDecoding().Write(loaded.Model, batch.Inputs, batch.InputMask, longest)[0].Text(loaded.Tokenizer);
    }
}
