using System.CommandLine;
using Allometry.Generation;
using Allometry.Kinds;

namespace Allometry.Cli;

/// <summary>How a model writes, on the command line: --decoding KIND, and one option for each member of each kind.</summary>
public sealed class DecodingOptions
{
    private static readonly IReadOnlyList<KindEntry> Kinds = Catalogue.Of(typeof(Decoding));

    // What transformers and `trace` call it.
    private static readonly Dictionary<string, string> Aliases = new() { ["width"] = "--beams" };

    private readonly Option<string?> kind = new("--decoding")
    {
        Description = $"How answers are written: {string.Join(", ", Kinds.Select(entry => entry.Name))}. Left out: greedy, or whichever has the options given.",
        HelpName = "KIND",
    };

    private readonly IReadOnlyList<Option<string?>> members = [.. Kinds.SelectMany(entry => entry.Parameters).DistinctBy(member => member.Name).Select(Member)];

    public void AddTo(Command command)
    {
        command.Options.Add(kind);
        foreach (var member in members) command.Options.Add(member);
    }

    /// <summary>What the options say, or null where none is given; all that is wrong with them is told at once, each where it stands.</summary>
    public Decoding? Read(ParseResult parsed)
    {
        var given = members.Where(member => parsed.GetValue(member) is not null).Select(member => Node(member.Name, parsed.GetValue(member)!)).ToList();
        var name = parsed.GetValue(kind);
        return name is null && given.Count == 0 ? null : Reader.Read<Decoding>(new MapNode(new Position(kind.Name), [Node(kind.Name, name ?? Fitting(given)) with { Name = "kind" }, .. given]));
    }

    /// <summary>The kind that has most of these members, greedy if it is one of several.</summary>
    private static string Fitting(IReadOnlyList<MapMember> given) =>
        Kinds.OrderBy(entry => given.Count(member => entry.Parameters.All(known => known.Name != member.Name))).ThenBy(entry => entry.Type != typeof(GreedyDecoding)).First().Name;

    private static MapMember Node(string option, string value)
    {
        var at = new Position(option);
        return new MapMember(option[2..], at, new ScalarNode(at, value, Quoted: false));
    }

    private static Option<string?> Member(KindParameter member) => new($"--{member.Name}", Aliases.TryGetValue(member.Name, out var alias) ? [alias] : [])
    {
        Description = $"{string.Join(", ", Kinds.Where(entry => entry.Parameters.Any(known => known.Name == member.Name)).Select(entry => entry.Name))}: {member.Description}"
            + (member.Default is { Length: > 0 } usual and not "null" ? $" [{usual}]" : ""),
        HelpName = member.Type.ToUpperInvariant(),
    };
}
