using System.CommandLine;
using Allometry.Analysis.Laws;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Reports;
using Allometry.Reports.Laws;
using Allometry.Store;
using Spectre.Console;

namespace Allometry.Cli.Verbs;

/// <summary>A scaling law of any table of runs, or of a study's own; needs no libtorch.</summary>
public static class FitVerb
{
    private static readonly Argument<string> Source = new("source") { Description = "A table of runs (.csv, .tsv, .jsonl, also .gz), or the folder of a store." };
    private static readonly Option<string> Law = new("--law") { Description = $"The law: {string.Join(", ", Catalogue.Of(typeof(ScalingLaw)).Select(law => law.Name))}; or with settings: '{{ kind: chinchilla, tied: true }}'.", HelpName = "NAME", Required = true };
    private static readonly (Variable Variable, Option<string?> Option)[] Columns =
        [.. Variable.All.Select(variable => (variable, new Option<string?>($"--{variable.Symbol}") { Description = $"Column of the {variable.Title.ToLowerInvariant()} ({variable.Unit}).", HelpName = "COLUMN" }))];
    private static readonly Option<string[]> Where = new("--where") { Description = "Only rows with this, such as \"parameters<5e8\" or \"train_set=c4\"; several must all hold.", HelpName = "CONDITION" };
    private static readonly Option<string[]> Holdout = new("--holdout") { Description = "Rows that are foretold, not fitted.", HelpName = "CONDITION" };
    private static readonly Option<string[]> At = new("--at") { Description = "Foretell here, such as \"n=1e9,d=20G\"; chinchilla also splits \"c=1e21\".", HelpName = "POINT" };
    private static readonly Option<string?> Run = new("--run") { Description = "Column that says which rows are one run.", HelpName = "COLUMN" };
    private static readonly Option<bool> Bits = new("--bits") { Description = "Losses are in bits." };
    private static readonly Option<bool> Far = new("--far") { Description = $"Foretell also more than {LawFit.FarthestFactor:0} times beyond what was fitted." };
    private static readonly Option<int?> Replicates = new("--replicates") { Description = "Resamples for intervals; default: up to 1,000.", HelpName = "N" };
    private static readonly Option<string?> Output = new("--output") { Description = "Folder for the page, its charts and its tables as CSV.", HelpName = "DIR" };

    public static Command Command()
    {
        var json = Options.Json();
        var command = new Command("fit", "A scaling law of a table of runs, with intervals and a back-test.") { Source, Law, Where, Holdout, At, Run, Bits, Far, Replicates, Output, json };
        foreach (var (_, option) in Columns) command.Add(option);
        command.SetAction(parsed => Print(Question(parsed).Answer(), parsed.GetValue(Output), parsed.GetValue(json)));
        return command;
    }

    private static LawQuestion Question(ParseResult parsed)
    {
        var law = Reader.Read<ScalingLaw>(parsed.GetValue(Law)!, "--law");
        var table = Table(parsed.GetValue(Source)!, law);
        var given = Columns.Where(column => parsed.GetValue(column.Option) is not null).ToDictionary(column => column.Variable, column => parsed.GetValue(column.Option)!);
        if (parsed.GetValue(Replicates) is < 0 and var count) throw new InputException("--replicates", $"{count} is less than none", "give 0 or more");
        return new(law, new(table, given, parsed.GetValue(Run), parsed.GetValue(Bits)), Conditions("--where", parsed.GetValue(Where), table), Conditions("--holdout", parsed.GetValue(Holdout), table), Points(parsed.GetValue(At)))
        {
            Far = parsed.GetValue(Far),
            Replicates = parsed.GetValue(Replicates),
        };
    }

    private static RunTable Table(string source, ScalingLaw law)
    {
        if (!Directory.Exists(source)) return RunTable.Read(source);
        using var store = StudyStore.Read(source);
        var table = StudyTable.Of(StudyReader.Read(store), law.ReadsCurves);
        return table.Rows.Count > 0 ? table : throw new InputException(source, "no pre-training of this study is done yet", "run it first (allometry run RECIPE)");
    }

    private static Condition[] Conditions(string option, string[]? texts, RunTable table) => [.. (texts ?? []).Select(text => Condition.Parse(option, text, table))];

    private static IReadOnlyDictionary<Variable, double>[] Points(string[]? texts) => [.. (texts ?? []).Select(Point)];

    private static Dictionary<Variable, double> Point(string text)
    {
        Dictionary<Variable, double> point = [];
        foreach (var part in text.Split(','))
        {
            var sides = part.Split('=', StringSplitOptions.TrimEntries);
            var variable = Variable.All.FirstOrDefault(variable => variable.Symbol == sides[0]) ?? throw new InputException("--at", $"'{sides[0]}' is no variable", Suggestion.For(sides[0], Variable.All.Select(known => known.Symbol)));
            if (sides.Length != 2 || !Quantity.TryNumber(sides[1], out var value) || value <= 0) throw new InputException("--at", $"'{part}' gives {sides[0]} no positive number", "write for example --at \"n=1e9,d=20G\"");
            point[variable] = value;
        }
        return point;
    }

    private static int Print(LawAnswer answer, string? output, bool json)
    {
        var page = LawPage.Of(answer, Machine.This.Version);
        var file = output is null ? null : PageFiles.Write(page, output, "law");
        if (json) return Json.Print(FitDocument.Of(answer));
        ConsoleReport.Write(page, AnsiConsole.Console);
        if (file is not null) Console.Out.WriteLine(file);
        return CommandLine.Success;
    }
}
