using System.CommandLine;
using System.Globalization;
using Allometry.Costs;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Training;

namespace Allometry.Cli.Verbs;

/// <summary>Parameters, FLOPs and bytes by arithmetic: needs no libtorch.</summary>
public static class CountVerb
{
    public static Command Command()
    {
        var what = new Argument<string>("what") { Description = "A shape's name, a shape written out ('{ from: tiny, heads: 8 }'), a recipe, or a checkpoint's folder." };
        var architecture = new Option<string>("--architecture") { Description = "The family, where WHAT does not say.", HelpName = "NAME", DefaultValueFactory = _ => "t5-1.0" };
        var lengths = new Option<string>("--lengths") { Description = "Input and target length.", HelpName = "INPUTxTARGET", DefaultValueFactory = _ => "512x114" };
        var batch = new Option<int>("--batch") { Description = "Sequences of a batch.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var tree = new Option<bool>("--tree") { Description = "Every piece of the model." };
        var json = Options.Json();
        var command = new Command("count", "Parameters, FLOPs and bytes of a shape.") { what, architecture, lengths, batch, tree, json };
        command.SetAction(parsed => Run(
            Models(parsed.GetValue(what)!, parsed.GetValue(architecture)!), Setting(parsed.GetValue(lengths)!, parsed.GetValue(batch)), parsed.GetValue(tree), parsed.GetValue(json)));
        return command;
    }

    private static int Run(IReadOnlyList<CountedModel> models, Setting setting, bool tree, bool json)
    {
        if (json) return Json.Print(models is [var only] ? Document(only, setting) : models.Select(model => Document(model, setting)));
        foreach (var model in models) Print(model.Name, model.Architecture.Count(model.Shape, setting), setting, tree);
        return CommandLine.Success;
    }

    private static IReadOnlyList<CountedModel> Models(string what, string architecture)
    {
        if (File.Exists(Path.Combine(what, "model.json"))) return [CountedModel.OfCheckpoint(what)];
        if (File.Exists(what)) return CountedModel.OfRecipe(what);
        var shape = Reader.Read<Shape>(what, "what").Checked();
        return [new(ShapeName.Of(shape), Reader.Read<Architecture>(architecture, "--architecture"), shape)];
    }

    private static Setting Setting(string lengths, int batch)
    {
        int[] numbers = [.. lengths.Split('x').Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)];
        if (numbers is not [> 0, > 0]) throw new InputException("--lengths", $"'{lengths}' is no pair of lengths", "write input and target length: 512x114");
        if (batch < 1) throw new InputException("--batch", $"a batch of {batch} has nothing in it", "give at least 1");
        return new Setting(batch, numbers[0], numbers[1]);
    }

    private static double OptimizerBytes(CostSheet sheet) => ((Optimizer)Catalogue.Find(typeof(Optimizer), "adafactor")!.Default()).StateBytes(sheet.Weights);

    private static object Document(CountedModel model, Setting setting)
    {
        var sheet = model.Architecture.Count(model.Shape, setting);
        var shape = model.Shape;
        return new
        {
            model.Name,
            Parameters = new { Total = sheet.Parameters, Embedding = sheet.EmbeddingParameters, NonEmbedding = sheet.NonEmbeddingParameters, Active = sheet.ActiveParameters },
            Flops = new { Forward = sheet.ForwardFlops, TrainingStep = sheet.TrainingFlops, DecodeToken = sheet.DecodeFlops },
            Bytes = new { Weights = 4.0 * sheet.Parameters, Optimizer = OptimizerBytes(sheet), Activations = sheet.ActivationBytes },
            Shape = new { shape.ModelWidth, shape.FeedForwardWidth, shape.HeadWidth, shape.Heads, shape.EncoderLayers, shape.DecoderLayers, shape.Vocabulary },
        };
    }

    private static void Print(string name, CostSheet sheet, Setting setting, bool tree)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, batch {setting.Batch}, lengths {setting.InputLength} and {setting.TargetLength}"));
        if (tree) PrintTree(sheet);
        else PrintTotals(sheet);
        Console.WriteLine();
    }

    private static void PrintTotals(CostSheet sheet)
    {
        Console.WriteLine($"  parameters     {Figures.Exact(sheet.Parameters)} (embeddings {Figures.Exact(sheet.EmbeddingParameters)}, the rest {Figures.Exact(sheet.NonEmbeddingParameters)}, active {Figures.Exact(sheet.ActiveParameters)})");
        Console.WriteLine($"  FLOPs          forward {Figures.Short(sheet.ForwardFlops)}, training step {Figures.Short(sheet.TrainingFlops)}, one decoded token {Figures.Short(sheet.DecodeFlops)}");
        Console.WriteLine($"  bytes          weights {Figures.Bytes(4.0 * sheet.Parameters)}, optimiser (adafactor) {Figures.Bytes(OptimizerBytes(sheet))}, activations {Figures.Bytes(sheet.ActivationBytes)}");
    }

    private static void PrintTree(CostSheet sheet)
    {
        var table = new TextTable("piece", "parameters", "forward FLOPs", "activations");
        foreach (var (path, piece) in sheet.Walk())
            table.Add(Indented(path, sheet.Name), Figures.Exact(piece.Parameters), Figures.Short(piece.ForwardFlops), Figures.Bytes(piece.ActivationBytes));
        table.Print(Console.Out);
    }

    private static string Indented(string path, string root) => path.Length == 0 ? root : new string(' ', 2 * (path.Count(c => c == '.') + 1)) + path[(path.LastIndexOf('.') + 1)..];
}
