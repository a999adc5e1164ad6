using System.CommandLine;
using System.Globalization;
using Allometry.Costs;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Cli.Verbs;

/// <summary>Parameters, FLOPs and bytes by arithmetic: needs no libtorch.</summary>
public static class CountVerb
{
    public static Command Command()
    {
        var what = new Argument<string?>("what")
        {
            Description = "A shape's name, a shape written out ('{ from: tiny, heads: 8 }'), a recipe, or a checkpoint's folder.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all") { Description = "Every released checkpoint, in the place of WHAT." };
        var architecture = new Option<string>("--architecture") { Description = "The family, where WHAT does not say.", HelpName = "NAME", DefaultValueFactory = _ => "t5-1.0" };
        var lengths = new Option<string>("--lengths") { Description = "Input and target length.", HelpName = "INPUTxTARGET", DefaultValueFactory = _ => "512x114" };
        var batch = new Option<int>("--batch") { Description = "Sequences of a batch.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var tree = new Option<bool>("--tree") { Description = "Every piece of the model." };
        var json = Options.Json();
        var command = new Command("count", "Parameters, FLOPs and bytes of a shape.") { what, all, architecture, lengths, batch, tree, json };
        command.SetAction(parsed =>
        {
            var setting = Setting(parsed.GetValue(lengths)!, parsed.GetValue(batch));
            var family = Reader.Read<Architecture>(parsed.GetValue(architecture)!, "--architecture");
            return (parsed.GetValue(what), parsed.GetValue(all)) switch
            {
                (null, true) => ReleasedModels.Run(family, setting, parsed.GetValue(json)),
                ({ } given, false) => Run(Models(given, family), setting, parsed.GetValue(tree), parsed.GetValue(json)),
                _ => throw new InputException("count", "it takes either WHAT or --all", "name a shape, a recipe or a folder: allometry count tiny"),
            };
        });
        return command;
    }

    private static int Run(IReadOnlyList<CountedModel> models, Setting setting, bool tree, bool json)
    {
        if (json) return Json.Print(models is [var only] ? CountDocument.Of(only, setting) : models.Select(model => CountDocument.Of(model, setting)));
        foreach (var model in models) Print(model, setting, tree);
        return CommandLine.Success;
    }

    private static IReadOnlyList<CountedModel> Models(string what, Architecture architecture)
    {
        if (ModelFolder.Is(what)) return [CountedModel.OfCheckpoint(what)];
        if (File.Exists(what)) return CountedModel.OfRecipe(what);
        return [CountedModel.OfShape(Reader.Read<Shape>(what, "what").Checked(), architecture)];
    }

    private static Setting Setting(string lengths, int batch)
    {
        int[] numbers = [.. lengths.Split('x').Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)];
        if (numbers is not [> 0, > 0]) throw new InputException("--lengths", $"'{lengths}' is no pair of lengths", "write input and target length: 512x114");
        if (batch < 1) throw new InputException("--batch", $"a batch of {batch} has nothing in it", "give at least 1");
        return new Setting(batch, numbers[0], numbers[1]);
    }

    private static void Print(CountedModel model, Setting setting, bool tree)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Name}, batch {setting.Batch}, lengths {setting.InputLength} and {setting.TargetLength}"));
        if (model.Doubt is { } doubt) Console.WriteLine($"  counted as the name says; what was released under it is not known: {doubt}");
        if (tree) PrintTree(model.Architecture.Count(model.Shape, setting));
        else PrintTotals(CountDocument.Of(model, setting));
        Console.WriteLine();
    }

    private static void PrintTotals(CountDocument count)
    {
        var (parameters, flops, bytes) = (count.Parameters, count.Flops, count.Bytes);
        Console.WriteLine($"  parameters     {Figures.Exact(parameters.Total)} (embeddings {Figures.Exact(parameters.Embedding)}, the rest {Figures.Exact(parameters.NonEmbedding)}, active {Figures.Exact(parameters.Active)})");
        Console.WriteLine($"  FLOPs          forward {Figures.Short(flops.Forward)}, training step {Figures.Short(flops.TrainingStep)}, one decoded token {Figures.Short(flops.DecodeToken)}");
        Console.WriteLine($"  bytes          weights {Figures.Bytes(bytes.Weights)}, optimiser (adafactor) {Figures.Bytes(bytes.Optimizer)}, activations {Figures.Bytes(bytes.Activations)}");
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
