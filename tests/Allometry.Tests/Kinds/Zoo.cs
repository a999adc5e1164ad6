using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Allometry.Kinds;

namespace Allometry.Tests.Kinds;

/// <summary>A small world of kinds that uses everything the reader can do.</summary>
public abstract record Beast;

/// <summary>Runs, unlike a <see cref="Tortoise"/>,
/// and <c>naps</c>. Never arrives.</summary>
[Kind("hare")]
public sealed record Hare(
    [Description("Metres a second."), Range(0.0, 40.0, MinimumIsExclusive = true)] double Speed = 20,
    [Description("Its fur.")] Fur Fur = Fur.Brown) : Beast;

[Kind("tortoise"), Description("Arrives.")]
public sealed record Tortoise(
    [Description("Years.")] int Age,
    [Description("What it carries."), DefaultValue("{ kind: hare, speed: 3 }")] Beast Rider,
    [Description("Its name, if any.")] string? Name = null,
    [Description("How long it naps.")] TimeSpan? Nap = null) : Beast;

public enum Fur { Brown, SnowWhite }

public sealed record Burrow(int Depth, int Exits = 2) : IReadable<Burrow>
{
    public static Burrow? FromNode(Node node, ReadContext context) => node switch
    {
        ScalarNode { Text: "deep" } => new Burrow(10),
        ScalarNode word => throw new InputException("burrow", $"unknown burrow '{word.Text}'", "did you mean 'deep'?"),
        MapNode map when map["from"] is { } from && context.Read<Burrow>(from, "'from' of burrow") is { } ground
            => context.ReadMembers<Burrow>(map.Without("from").Over(context.Write(ground))),
        _ => context.ReadMembers<Burrow>(node),
    };
}

public sealed record Farm(
    string Title,
    IReadOnlyList<Beast> Beasts,
    IReadOnlyDictionary<string, int>? Stock = null,
    Burrow? Burrow = null,
    bool Open = true,
    long Acres = 4_096,
    string[]? Tags = null) : IChecked
{
    public IEnumerable<(string? Member, string What, string Mend)> Check()
    {
        if (Acres < Beasts.Count) yield return (nameof(Acres), "too little land for the beasts", "give an acre to each");
    }
}
