using System.CommandLine;
using System.Globalization;
using Allometry.Analysis.Similarity;
using Allometry.Kinds;

namespace Allometry.Cli.Verbs;

/// <summary>How alike two models' states are, layer by layer; needs no libtorch.</summary>
public static class SimilarityVerb
{
    private static readonly Argument<string> First = new("first") { Description = "A trace (safetensors), or a matrix with a row for each example: safetensors, .npy, .csv, .tsv." };
    private static readonly Argument<string> Second = new("second") { Description = "The other one: the same examples in the same order." };
    private static readonly Option<Pooling> Pool = new("--pool") { Description = "What of a text's states stands for it: mean, first, last, or tokens (each by itself).", HelpName = "POOLING" };
    private static readonly Option<string?> Mask = new("--mask") { Description = "The file of the inputs that were traced, whose attention_mask says which tokens are real; left out: all are.", HelpName = "FILE" };
    private static readonly Option<string> Stack = new("--stack") { Description = "Of a model with two stacks: encoder or decoder.", HelpName = "STACK", DefaultValueFactory = _ => "encoder" };
    private static readonly Option<bool> StirToo = new("--stir") { Description = "STIR by nearest neighbours too, both directions, of layers that stand as deep." };
    private static readonly Option<int?> Minibatch = new("--batch") { Description = "Minibatch CKA too, in consecutive batches of so many examples.", HelpName = "N" };

    public static Command Command()
    {
        var json = Options.Json();
        var command = new Command("similarity", "CKA of two matrices or two traces, layer by layer.") { First, Second, Pool, Mask, Stack, StirToo, Minibatch, json };
        command.SetAction(parsed => Run(parsed, parsed.GetValue(json)));
        return command;
    }

    private static int Run(ParseResult parsed, bool json)
    {
        var stack = parsed.GetValue(Stack)!;
        if (stack is not ("encoder" or "decoder")) throw new InputException("--stack", $"'{stack}' is none", "give encoder or decoder");
        if (parsed.GetValue(Minibatch) is < 4 and var few) throw new InputException("--batch", $"of {few} examples unbiased HSIC is not defined", "give at least 4");
        using var first = StateFile.Open(parsed.GetValue(First)!, parsed.GetValue(Pool), stack, parsed.GetValue(Mask));
        using var second = StateFile.Open(parsed.GetValue(Second)!, parsed.GetValue(Pool), stack, parsed.GetValue(Mask));
        var grid = LayerGrid.Of(first.Layers, second.Layers);
        List<LayerPair> pairs = [.. first.Layers.Select((layer, i) => Pair(grid, i, layer, second.Layers[grid.Beside(i)], parsed.GetValue(StirToo), parsed.GetValue(Minibatch)))];
        return json ? Json.Print(Document(grid, pairs)) : Print(grid, pairs);
    }

    private static LayerPair Pair(LayerGrid grid, int i, Layer first, Layer second, bool stir, int? batch)
    {
        var cka = grid.Values[i][grid.Beside(i)];
        var (x, y) = stir ? (first.Read(), second.Read()) : (null, null);
        return new(first.Name, second.Name, cka.Linear, cka.Unbiased)
        {
            Minibatch = batch is { } size ? Batches(first, second, size) : null,
            Stir = x is null ? null : new(Stir.ByNeighbours(x, y!), Stir.ByNeighbours(y!, x)),
        };
    }

    private static double? Batches(Layer first, Layer second, int size)
    {
        var cka = new MinibatchCka();
        foreach (var (x, y) in first.Blocks(size).Zip(second.Blocks(size))) cka.Add(new(x.Length / first.Width, first.Width, x), new(y.Length / second.Width, second.Width, y));
        return cka.Value;
    }

    private static object Document(LayerGrid grid, List<LayerPair> pairs) => new
    {
        grid.Examples,
        Cka = pairs is [var only] && grid.Second.Count == 1 ? only.Cka : null,
        Unbiased = pairs is [var same] && grid.Second.Count == 1 ? same.Unbiased : null,
        Layers = pairs,
        Grid = new { grid.First, grid.Second, Cka = grid.Values.Select(row => row.Select(cka => cka.Linear)), Unbiased = grid.Values.Select(row => row.Select(cka => cka.Unbiased)) },
    };

    private static int Print(LayerGrid grid, List<LayerPair> pairs)
    {
        Console.WriteLine($"{Figures.Exact(grid.Examples)} examples; layers side by side stand as deep, by the fraction of the depth");
        var table = new TextTable("first", "second", "CKA", "unbiased", "minibatch", "STIR 2|1", "STIR 1|2") { Words = 2 };
        foreach (var pair in pairs) table.Add(pair.First, pair.Second, Shown(pair.Cka), Shown(pair.Unbiased), Shown(pair.Minibatch), Shown(pair.Stir?.SecondGivenFirst), Shown(pair.Stir?.FirstGivenSecond));
        table.Print(Console.Out);
        return CommandLine.Success;
    }

    private static string Shown(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";

    private sealed record LayerPair(string First, string Second, double? Cka, double? Unbiased)
    {
        public double? Minibatch { get; init; }

        public Directions? Stir { get; init; }
    }

    private sealed record Directions(double? SecondGivenFirst, double? FirstGivenSecond);
}
