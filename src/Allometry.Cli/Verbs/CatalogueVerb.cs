using System.CommandLine;
using Allometry.Experiments;
using Allometry.Kinds;

namespace Allometry.Cli.Verbs;

/// <summary>Everything that YAML can name.</summary>
public static class CatalogueVerb
{
    public static Command Command()
    {
        var name = new Argument<string?>("name") { Description = "Only what has this name, or stands where this is expected.", Arity = ArgumentArity.ZeroOrOne };
        var json = Options.Json();
        var command = new Command("catalogue", "Every kind that YAML can name, and every map it can write, with its parameters.") { name, json };
        command.SetAction(parsed => Run(parsed.GetValue(name), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string? name, bool json)
    {
        IReadOnlyList<KindEntry> all = [.. Catalogue.Records(typeof(Recipe)), .. Catalogue.All];
        var entries = all.Where(entry => name is null || entry.Name == name || BaseOf(entry) == name).ToList();
        if (entries.Count == 0 && name is not null)
            throw new InputException("name", $"nothing in the catalogue is called '{name}'", Suggestion.For(name, all.SelectMany(entry => new[] { entry.Name, BaseOf(entry) }).Distinct()));
        return json ? Json.Print(entries.Select(Document)) : Print(entries);
    }

    private static int Print(IEnumerable<KindEntry> entries)
    {
        foreach (var group in entries.GroupBy(BaseOf))
        {
            Console.WriteLine(group.Key);
            foreach (var entry in group) Print(entry);
            Console.WriteLine();
        }
        return CommandLine.Success;
    }

    private static void Print(KindEntry entry)
    {
        Console.WriteLine($"  {entry.Name}{(entry.IsPreset ? " (preset)" : "")}  {entry.Summary}".TrimEnd());
        foreach (var parameter in entry.Parameters)
            Console.WriteLine($"      {parameter.Name}: {parameter.Type}{(parameter.Required ? ", required" : $" = {parameter.Default}")}  {parameter.Description}".TrimEnd());
    }

    private static object Document(KindEntry entry) => new { Base = BaseOf(entry), entry.Name, entry.IsPreset, entry.Summary, entry.Parameters };

    private static string BaseOf(KindEntry entry) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(entry.Base.Name);
}
