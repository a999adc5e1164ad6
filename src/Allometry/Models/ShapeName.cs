using System.Globalization;
using System.Text.RegularExpressions;
using Allometry.Kinds;

namespace Allometry.Models;

/// <summary>
/// Names of shapes (Tay et al. 2021): a released size and modifiers, <c>small-el16-dl4</c>, or all six sizes, <c>dm128-ff512-kv32-nh4-el2-dl2</c>.
/// This is the one place that knows the modifiers' codes.
/// </summary>
public static partial class ShapeName
{
    private static readonly IReadOnlyDictionary<string, Func<Shape, int, Shape>> Modifiers = new Dictionary<string, Func<Shape, int, Shape>>
    {
        ["nl"] = (shape, n) => shape with { EncoderLayers = n, DecoderLayers = n },
        ["el"] = (shape, n) => shape with { EncoderLayers = n },
        ["dl"] = (shape, n) => shape with { DecoderLayers = n },
        ["dm"] = (shape, n) => shape with { ModelWidth = Rounded(n) },
        ["ff"] = (shape, n) => shape with { FeedForwardWidth = Rounded(n) },
        ["kv"] = (shape, n) => shape with { HeadWidth = n },
        ["nh"] = (shape, n) => shape with { Heads = n },
    };

    // What is tied is no size: the architecture says it (Papers/ScaleEfficiently).
    private static readonly IReadOnlyDictionary<string, string> Ties = new Dictionary<string, string> { ["sh"] = "shared-heads", ["skv"] = "shared-key-value", ["shkv"] = "shared-heads-key-value" };

    /// <summary>All released names, smallest size first.</summary>
    public static IReadOnlyList<string> Released =>
        [.. SizeTable.Instance.Released.SelectMany(size => size.Value.Select(modifiers => $"{size.Key}-{modifiers}").Prepend(size.Key)).Union(SizeTable.Instance.Unresolved.Keys)];

    /// <summary>Why the shape of a released checkpoint is not known, or null where it is.</summary>
    public static string? Unresolved(string name) =>
        SizeTable.Instance.Unresolved.GetValueOrDefault(name)
        ?? (name.Split('-').Any(Ties.ContainsKey) ? "its heads, or keys and values, are tied in a way that is not published" : null);

    /// <summary>The shape of a name, also as Hugging Face writes it; an <see cref="InputException"/> names the nearest right one.</summary>
    public static Shape Parse(string name)
    {
        name = Repository().Replace(name, "");
        var meant = SizeTable.Instance.Misnamed.GetValueOrDefault(name, name);
        var parts = meant.Split('-');
        if (name.Contains('#') && Unresolved(name) is { } reason)
            throw new InputException($"shape '{name}'", $"what was released under it is not known: {reason}", "take another");
        if (Modifier().IsMatch(parts[0]))
            return Written(name, parts);
        if (!SizeTable.Instance.Sizes.TryGetValue(parts[0], out var size))
            throw Unknown(name, name, SizeTable.Instance.Sizes.Keys.Select(known => string.Join('-', [known, .. parts[1..]])));
        return Changed(name, parts[1..], size with { Name = name });
    }

    /// <summary>The shape's own name, that of a size with the same numbers, or all its sizes.</summary>
    public static string Of(Shape shape)
    {
        var bare = shape with { Name = null, Vocabulary = new Shape(1, 1, 1, 1, 1, 1).Vocabulary };
        return shape.Name ?? SizeTable.Instance.Sizes.FirstOrDefault(size => size.Value == bare).Key ?? string.Create(CultureInfo.InvariantCulture,
            $"dm{shape.ModelWidth}-ff{shape.FeedForwardWidth}-kv{shape.HeadWidth}-nh{shape.Heads}-el{shape.EncoderLayers}-dl{shape.DecoderLayers}");
    }

    private static Shape Written(string name, string[] parts)
    {
        var shape = Changed(name, parts, new Shape(0, 0, 0, 0, 0, 0, Name: name));
        return Math.Min(shape.ModelWidth, Math.Min(shape.FeedForwardWidth, Math.Min(shape.HeadWidth, shape.Heads))) > 0 ? shape
            : throw new InputException($"shape '{name}'", "it has no size and does not say all widths", "begin with a size such as 'small', or give dm, ff, kv, nh, el and dl");
    }

    private static Shape Changed(string name, IEnumerable<string> modifiers, Shape shape)
    {
        var codes = new HashSet<string>();
        foreach (var part in modifiers)
        {
            var match = Modifier().Match(part);
            var code = match.Success ? match.Groups["code"].Value : part;
            if (Ties.TryGetValue(code, out var tied))
                throw new InputException($"shape '{name}'", $"'{code}' ties heads, or keys and values, which is no size", $"leave it out and give the architecture 'attention: {tied}'");
            if (!match.Success && Modifiers.ContainsKey(part.TrimEnd([.. "0123456789"])))
                throw new InputException($"shape '{name}'", $"'{part}' has no number from 1 to 9999999", $"write one: {part.TrimEnd([.. "0123456789"])}16");
            if (!match.Success || !Modifiers.TryGetValue(code, out var change))
                throw Unknown(name, part, Modifiers.Keys.Select(known => known + Digits().Match(part).Value));
            if (!codes.Add(code))
                throw new InputException($"shape '{name}'", $"'{code}' stands there twice", "leave one of them");
            shape = change(shape, int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture));
        }
        return shape;
    }

    private static InputException Unknown(string name, string part, IEnumerable<string> known) =>
        new($"shape '{name}'", $"'{part}' is not known", Suggestion.For(part, known));

    // Names say 1000 for 1024, 2000 for 2048, ... 12000 for 12288.
    private static int Rounded(int n) => n % 1000 == 0 ? n / 1000 * 1024 : n;

    [GeneratedRegex("^(?<code>[a-z]+)(?<number>[1-9][0-9]{0,6})$")]
    private static partial Regex Modifier();

    [GeneratedRegex("[0-9]*$")]
    private static partial Regex Digits();

    [GeneratedRegex("^(google/)?t5-efficient-")]
    private static partial Regex Repository();
}
