using System.CommandLine;
using Allometry.Interchange;

namespace Allometry.Cli.Verbs;

/// <summary>Checkpoints in and out: a Hugging Face folder to ours, or ours to Hugging Face; needs no libtorch.</summary>
public static class ConvertVerb
{
    public static Command Command()
    {
        var source = new Argument<string>("source") { Description = "Folder of a model: a Hugging Face one, or one that a run saved." };
        var target = new Argument<string>("target") { Description = "The new folder: of the other kind." };
        var json = Options.Json();
        var command = new Command("convert", "A Hugging Face folder to ours, or ours to Hugging Face.") { source, target, json };
        command.SetAction(parsed => Run(parsed.GetValue(source)!, parsed.GetValue(target)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string source, string target, bool json)
    {
        var done = Conversion.Run(source, target);
        var parameters = done.Model.Weights().Sum(weight => weight.Count);
        if (json) return Json.Print(new { Source = source, Target = target, Format = done.ToHuggingFace ? "hugging-face" : "allometry", Family = done.Layout.ModelType, Parameters = parameters, done.Tensors, done.Bytes });
        Console.WriteLine($"{target}: {(done.ToHuggingFace ? "for Hugging Face" : "for Allometry")}, family {done.Layout.ModelType}, {Figures.Exact(parameters)} parameters in {Figures.Exact(done.Tensors)} tensors, {Figures.Bytes(done.Bytes)}");
        return CommandLine.Success;
    }
}
