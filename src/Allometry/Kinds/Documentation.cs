using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Allometry.Kinds;

/// <summary>The sentence that stands above a type in its source, from the XML documentation beside its assembly; empty where that is absent.</summary>
internal static partial class Documentation
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, string>> Known = new();

    public static string SentenceOf(Type type) =>
        Known.GetOrAdd(type.Assembly, static assembly => Read(assembly)).GetValueOrDefault($"T:{type.FullName?.Replace('+', '.')}", "");

    private static Dictionary<string, string> Read(Assembly assembly)
    {
        var path = Path.ChangeExtension(Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.dll"), ".xml");
        if (!File.Exists(path)) return [];
        try
        {
            return XDocument.Load(path).Descendants("member")
                .Where(member => member.Attribute("name")?.Value.StartsWith("T:", StringComparison.Ordinal) == true && member.Element("summary") is not null)
                .ToDictionary(member => member.Attribute("name")!.Value, member => Sentence(member.Element("summary")!));
        }
        catch (XmlException)
        {
            return [];
        }
    }

    // <see cref="T:Allometry.Kinds.Node"/> reads as Node; line breaks are spaces; the first sentence only.
    private static string Sentence(XElement summary)
    {
        foreach (var link in summary.Descendants("see").ToList())
            if (link.IsEmpty) link.ReplaceWith(link.Attribute("cref")?.Value.Split('.', ':')[^1] ?? link.Attribute("langword")?.Value ?? "");
        var text = string.Join(' ', summary.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return End().Match(text) is { Success: true } end ? text[..(end.Index + 1)] : text;
    }

    // Neither "et al. 2020" nor "i.e. " ends a sentence: the next one begins with a capital.
    [GeneratedRegex(@"(?<!\bal)\. (?=\p{Lu})")]
    private static partial Regex End();
}
