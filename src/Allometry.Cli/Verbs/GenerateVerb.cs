using System.CommandLine;
using Allometry.Experiments;
using Allometry.Generation;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Cli.Verbs;

/// <summary>Text in, text out.</summary>
public static class GenerateVerb
{
    public static Command Command()
    {
        var folder = Options.Checkpoint();
        var prompt = new Argument<string?>("prompt") { Description = "The input; without it and --file every line of standard input is one.", Arity = ArgumentArity.ZeroOrOne };
        var text = new Option<string?>("--text") { Description = "The input, where it begins with a dash.", HelpName = "TEXT" };
        var file = new Option<string?>("--file") { Description = "Every line of this file is an input.", HelpName = "FILE" };
        var batch = new Option<int>("--batch") { Description = "Inputs that are answered side by side; changes the speed alone.", HelpName = "N", DefaultValueFactory = _ => 16 };
        var json = Options.Json();
        var command = new Command("generate", "Text in, text out: an answer a line, as it comes.") { folder, prompt, text, file, batch, json };
        var decoding = new DecodingOptions();
        decoding.AddTo(command);
        command.SetAction(parsed =>
        {
            Decoding how = new GreedyDecoding();
            IEnumerable<IReadOnlyList<string>> prompts = [];
            LoadedModel? loaded = null;
            Problem[] problems =
            [
                .. Materials.Tried(() => how = decoding.Read(parsed) ?? how),
                .. Materials.Tried(() => prompts = Prompts.From(parsed.GetValue(prompt) ?? parsed.GetValue(text), parsed.GetValue(file), parsed.GetValue(batch))),
                .. Materials.Tried(() => loaded = LoadedModel.Load(parsed.GetValue(folder)!)),
            ];
            using var model = loaded?.Model;
            if (problems.Length > 0) throw new InputException(problems);
            return parsed.GetValue(json) ? Json.Print(Answers(loaded!, how, prompts, _ => null)) : Stream(loaded!, how, prompts);
        });
        return command;
    }

    private static int Stream(LoadedModel loaded, Decoding decoding, IEnumerable<IReadOnlyList<string>> prompts)
    {
        foreach (var _ in Answers(loaded, decoding, prompts, rows => new AnswerStream(Console.Out, loaded.Tokenizer, rows).Watch)) { }
        return CommandLine.Success;
    }

    private static IEnumerable<Answer> Answers(LoadedModel loaded, Decoding decoding, IEnumerable<IReadOnlyList<string>> prompts, Func<int, Watch?> watch)
    {
        long before = 0;
        foreach (var inputs in prompts)
        {
            using var batch = Batch.Of([.. inputs.Select(input => new Example([.. loaded.Tokenizer.Encode(input), Tokenizer.End], [Tokenizer.End]))]);
            var keys = Enumerable.Range(0, inputs.Count).Select(row => before + row).ToList();
            var written = decoding.Write(loaded.Model, batch.Inputs, batch.InputMask, keys, watch(inputs.Count));
            foreach (var (input, answer) in inputs.Zip(written)) yield return new Answer(input, answer.Text(loaded.Tokenizer), answer.Score);
            before += inputs.Count;
        }
    }

    private sealed record Answer(string Input, string Output, double? Score);
}
