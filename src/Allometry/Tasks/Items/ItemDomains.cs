using System.ComponentModel;
using System.Text.Json;
using Allometry.Kinds;

namespace Allometry.Tasks.Items;

/// <summary>
/// What users met, in two domains inside one file, since no user is known by the same number in two files: items that have an attribute are targets, all others sources.
/// A line of the file is a user's number and then items in the order of time; another file holds the attributes of items, as a JSON object of lists of numbers.
/// </summary>
public sealed record ItemDomains(
    [Description("A line for each user: a number, then items."), DataFile] string Sequences,
    [Description("The attributes of items as JSON; left out: every item is a source."), DataFile] string? Attributes = null,
    [Description("The attribute that makes an item a target.")] int Attribute = 0)
{
    /// <summary>All users, those without items too. Everything that is wrong with the files is told at once in an <see cref="InputException"/>.</summary>
    public Behaviours Read()
    {
        var known = AttributesOf(Attributes);
        int[] Of(string item) => known.GetValueOrDefault(item) ?? [];
        var problems = new List<Problem>();
        var users = new Dictionary<long, List<string>>();
        foreach (var (i, line) in Reader.Text(Sequences).Split('\n').Index())
            if (line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries) is [var user, .. var items] && Wrong(user, items, users) is { } what)
                problems.Add(new($"{Sequences}:{i + 1}", what, "a line is a user's number and the items that it met"));
        if (problems.Count > 0) throw new InputException(problems);
        var data = Behaviours.Of(users, Of, item => Of(item).Contains(Attribute));
        if (data.Sources.Count == 0) throw new InputException(Sequences, "no user has met an item of the source domain", "give a file with items, and an attribute that not all of them have");
        return Attributes is null || data.Targets.Count > 0 ? data : throw new InputException(Attributes, $"no item that a user has met has the attribute {Attribute}", "name one that some have");
    }

    private static string? Wrong(string user, string[] items, Dictionary<long, List<string>> users)
    {
        if (!long.TryParse(user, out var number) || number < 0) return $"'{user}' is no user's number";
        return users.TryAdd(number, [.. items]) ? null : $"the user {number} stands there twice";
    }

    private static Dictionary<string, int[]> AttributesOf(string? path)
    {
        try { return path is null ? [] : JsonSerializer.Deserialize<Dictionary<string, int[]>>(Reader.Text(path)) ?? []; }
        catch (JsonException error) { throw new InputException(path!, $"is no JSON object of lists of numbers: {error.Message}", "it looks like {\"7\": [1, 2], ...}"); }
    }
}
