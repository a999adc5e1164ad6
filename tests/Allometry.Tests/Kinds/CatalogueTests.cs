using System.Text.RegularExpressions;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Training;

namespace Allometry.Tests.Kinds;

/// <summary>What must hold of everything that YAML can name, whoever wrote it.</summary>
public partial class CatalogueTests
{
    static CatalogueTests() => Catalogue.Add(typeof(Farm).Assembly);

    [Fact]
    public void Every_name_is_in_kebab_case() => Assert.All(Catalogue.All, entry => Assert.Matches(KebabCase(), entry.Name));

    [Fact]
    public void Every_kind_has_a_summary_and_every_parameter_a_description()
    {
        // Other tests add kinds of their own, whenever they happen to run.
        var ours = Catalogue.All.Where(entry => entry.Type.Assembly == typeof(Catalogue).Assembly || entry.Type.DeclaringType == typeof(Farm)).ToList();
        var bare = ours.Where(entry => entry.Summary.Length == 0).Select(entry => entry.Type.Name);
        var silent = ours.SelectMany(entry => entry.Parameters.Where(parameter => parameter.Description.Length == 0).Select(parameter => $"{entry.Type.Name}.{parameter.Name}"));

        Assert.Equal("", string.Join(", ", bare.Concat(silent))); // a kind lacks a documentation summary, a parameter a [Description]
    }

    [Fact]
    public void Maps_without_a_kind_are_told_with_their_members()
    {
        var records = Catalogue.Records(typeof(Recipe)).ToDictionary(record => record.Name);
        Assert.All(["recipe", "corpus", "budget", "shape", "comparison", "stack"], name => Assert.True(records[name].Summary.Length > 0 && records[name].Parameters.Count > 0, name));
        Assert.Contains(records["corpus"].Parameters, parameter => parameter is { Name: "held-out", Default: "0.01", Required: false });
        Assert.All(records.Values, record => Assert.All(record.Parameters, parameter => Assert.True(parameter.Description.Length > 0, $"{record.Name}.{parameter.Name}")));
        Assert.Empty(records.Keys.Intersect(Catalogue.All.Where(entry => !entry.IsPreset).Select(entry => entry.Name)));
    }

    [Fact]
    public void A_kind_stands_under_what_YAML_asks_for_however_many_records_lie_between()
    {
        Assert.Equal(typeof(Metric), Catalogue.Find(typeof(Metric), "rouge-1")!.Base);
        Assert.Equal(typeof(Stage), Catalogue.Find(typeof(Stage), "pretrain")!.Base);
    }

    [Fact]
    public void A_citation_does_not_end_a_summary()
    {
        Assert.EndsWith("their beginning.", Catalogue.Find(typeof(Schedule), "warmup-stable-decay")!.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain(Catalogue.All, entry => entry.Summary.EndsWith(" al.", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_name_is_unique_among_all_that_can_stand_in_its_place() => Assert.Empty(
        Catalogue.All.Select(entry => entry.Base).Distinct().SelectMany(above => Catalogue.Of(above).GroupBy(entry => entry.Name).Where(group => group.Count() > 1).Select(group => $"{above.Name} {group.Key}")));

    [Fact]
    public void Everything_that_needs_no_members_is_the_same_after_YAML_and_back()
    {
        var complete = Catalogue.All.Where(entry => entry.Parameters.All(parameter => !parameter.Required)).ToList();

        Assert.NotEmpty(complete);
        Assert.All(complete, entry => AssertRoundTrip(entry.Base, entry.Default()));
    }

    [Fact]
    public void Everything_whose_members_can_be_guessed_is_the_same_after_YAML_and_back()
    {
        var guessed = Catalogue.All.Where(entry => !entry.IsPreset && entry.Parameters.Any(parameter => parameter.Required)).Select(entry => (entry.Base, Value: Guess(entry))).Where(pair => pair.Value is not null).ToList();

        Assert.NotEmpty(guessed);
        Assert.All(guessed, pair => AssertRoundTrip(pair.Base, pair.Value!));
    }

    [Fact]
    public void A_kind_is_found_under_every_abstract_record_above_it()
    {
        Assert.Equal(typeof(Hare), Catalogue.Find(typeof(Beast), "hare")!.Type);
        Assert.Null(Catalogue.Find(typeof(Vehicle), "hare"));
        Assert.Equal(["hare", "tortoise"], Catalogue.Of(typeof(Beast)).Select(entry => entry.Name));
    }

    [Fact]
    public void Parameters_are_told_in_words() => Assert.Equal(
    [
        new KindParameter("age", "integer", null, true, "Years."),
        new KindParameter("rider", "beast", "{ kind: hare, speed: 3 }", false, "What it carries."),
        new KindParameter("name", "text", "null", false, "Its name, if any."),
        new KindParameter("nap", "duration", "null", false, "How long it naps."),
    ], Catalogue.Find(typeof(Beast), "tortoise")!.Parameters);

    [Fact]
    public void A_summary_is_the_description_or_else_the_first_sentence_of_the_documentation()
    {
        Assert.Equal("Arrives.", Catalogue.Find(typeof(Beast), "tortoise")!.Summary);
        Assert.Equal("Runs, unlike a Tortoise, and naps.", Catalogue.Find(typeof(Beast), "hare")!.Summary);
    }

    [Fact]
    public void Adding_an_assembly_twice_is_adding_it_once()
    {
        var before = Catalogue.Of(typeof(Beast)).Count;
        Catalogue.Add(typeof(Farm).Assembly);

        Assert.Equal(before, Catalogue.Of(typeof(Beast)).Count);
    }

    private static void AssertRoundTrip(Type above, object value)
    {
        var yaml = Canonical.Json(value);

        Assert.Equal(yaml, Canonical.Json(Reader.Read(above, yaml, "round trip")));
    }

    // A kind whose own rules refuse the guess is left to the tests of its folder.
    private static object? Guess(KindEntry entry)
    {
        var members = entry.Parameters.Where(parameter => parameter.Required).Select(parameter => $", {parameter.Name}: {Guess(parameter.Type)}");
        try
        {
            return Reader.Read(entry.Base, $"{{ kind: {entry.Name}{string.Concat(members)} }}", entry.Name);
        }
        catch (InputException)
        {
            return null;
        }
    }

    private static string Guess(string type) =>
        type.StartsWith("list of ", StringComparison.Ordinal) ? $"[{Guess(type[8..])}]"
        : type.StartsWith("map of ", StringComparison.Ordinal) ? $"{{ a: {Guess(type[7..])} }}"
        : type switch { "integer" => "2", "number" => "0.5", "text" => "a", "duration" => "1s", _ when type.Contains('|') => type.Split(" | ")[0], _ => Simplest(type) };

    private static string Simplest(string above) =>
        Catalogue.All.FirstOrDefault(entry => entry.Base.Name.Equals(above.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase) && entry.Parameters.All(parameter => !parameter.Required))?.Name ?? "a";

    [GeneratedRegex(@"^[a-z0-9]+([.-][a-z0-9]+)*$")]
    private static partial Regex KebabCase();
}
