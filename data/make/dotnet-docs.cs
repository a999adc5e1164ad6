// Makes data/dotnet-docs from the XML documentation that every .NET SDK carries: pre-training text and five tasks.
// dotnet run data/make/dotnet-docs.cs [PACKS] [DATA]
// PACKS is the SDK's "packs" folder. The same packs give the same bytes. data/README.md says what comes out and why.
// Also data/smoke: a slice of both that the tests train on in seconds.
#:property PublishAot=false
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

var packs = args.ElementAtOrDefault(0) ?? Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../packs"));
var data = args.ElementAtOrDefault(1) ?? "data";

var pieces = Library.Read(packs).Pieces().ToList();
var tasks = new Tasks(pieces);
tasks.WriteAll(Path.Combine(data, "dotnet-docs/tasks"));
tasks.WriteSmoke(Path.Combine(data, "smoke/element"));
var texts = new TypeTexts(pieces, tasks.HeldOutForms);
texts.Write(Path.Combine(data, "dotnet-docs/text.jsonl.gz"));
texts.WriteSmoke(Path.Combine(data, "smoke/text.jsonl"));

/// <summary>A member of the documentation: the identifier, its parts, and its XML.</summary>
sealed record Member(char Kind, string Id, string Type, string Namespace, string Name, XElement Xml)
{
    /// <summary>Nested and generic variants of a type share a family, so that no split separates them.</summary>
    public string Family => $"{Namespace}.{(Namespace.Length == 0 ? Type : Type[(Namespace.Length + 1)..]).Split('`', '.')[0]}";
}

/// <summary>One documentation element in plain prose, with the form that makes near duplicates equal.</summary>
sealed record Piece(Member Member, string Tag, string Subject, string Text, string Form)
{
    public ulong Order { get; } = Stable.Hash(Member.Id + "\n" + Tag + "\n" + Subject + "\n" + Text);
    public Split Split { get; } = Stable.SplitOf(Member.Family);
    public int Words { get; } = Text.Count(c => c == ' ') + 1;
}

enum Split { Train, Validation, Test }

static class Stable
{
    public static ulong Hash(string text) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Whole families are held out: 68% train, 12% validation, 20% test.</summary>
    public static Split SplitOf(string family) => (Hash("split\n" + family) % 100) switch { < 20 => Split.Test, < 32 => Split.Validation, _ => Split.Train };
}

/// <summary>The members of the reference packs, each identifier once, in ordinal order.</summary>
sealed class Library(IReadOnlyList<Member> members)
{
    // Vector instructions: their summaries are C signatures and assembler, not prose.
    static readonly string[] Left = ["System.Runtime.Intrinsics.X86", "System.Runtime.Intrinsics.Arm", "System.Runtime.Intrinsics.Wasm"];

    public IReadOnlyList<Member> Members { get; } = members;

    public static Library Read(string packs)
    {
        var files = new[] { "Microsoft.NETCore.App.Ref", "Microsoft.AspNetCore.App.Ref" }.SelectMany(pack => Files(Path.Combine(packs, pack)));
        var xml = new SortedDictionary<string, XElement>(StringComparer.Ordinal);
        foreach (var member in files.SelectMany(file => XDocument.Load(file, LoadOptions.PreserveWhitespace).Descendants("member")))
            xml.TryAdd(member.Attribute("name")!.Value, member);
        var types = xml.Keys.Where(id => id.StartsWith("T:", StringComparison.Ordinal)).Select(id => id[2..]).ToHashSet(StringComparer.Ordinal);
        return new([.. xml.Select(pair => Parse(pair.Key, pair.Value, types)).OfType<Member>().Where(member => !Left.Contains(member.Namespace))]);
    }

    static IEnumerable<string> Files(string pack)
    {
        var version = Directory.GetDirectories(pack).MaxBy(folder => Version.Parse(Path.GetFileName(folder).Split('-')[0]))!;
        Console.WriteLine($"reading {Path.GetFileName(pack)} {Path.GetFileName(version)}");
        return Directory.GetFiles(Path.Combine(version, "ref"), "*.xml", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    }

    static Member? Parse(string id, XElement xml, HashSet<string> types)
    {
        var path = id[2..].Split('(')[0].Split('~')[0];
        if (path.Contains('#', StringComparison.Ordinal) && !path.EndsWith("#ctor", StringComparison.Ordinal)) return null; // explicit interface members repeat the interface
        var type = id[0] == 'T' ? path : path[..Math.Max(path.LastIndexOf('.'), 0)];
        var space = type;
        while (types.Contains(space)) space = space[..Math.Max(space.LastIndexOf('.'), 0)];
        return type.Length == 0 || !types.Contains(type) ? null : new(id[0], id, type, space, Prose.NameOf(id), xml);
    }

    public IEnumerable<Piece> Pieces() =>
        from member in Members
        from element in member.Xml.Elements()
        from piece in PiecesOf(member, element)
        select piece;

    static IEnumerable<Piece> PiecesOf(Member member, XElement element)
    {
        var tag = element.Name.LocalName;
        var subject = (string?)element.Attribute("name") ?? (tag == "exception" ? Prose.NameOf((string?)element.Attribute("cref") ?? "!:") : "");
        if (tag is not ("summary" or "remarks" or "returns" or "value" or "param" or "typeparam" or "exception")) yield break;
        var plain = Prose.Paragraphs(element, mask: false);
        var masked = Prose.Paragraphs(element, mask: true);
        // An exception lists its alternatives as paragraphs; everything else reads as one text.
        if (tag != "exception") (plain, masked) = ([string.Join(' ', plain)], [string.Join(' ', masked)]);
        foreach (var (text, form) in plain.Zip(masked, (text, mask) => (text, Prose.Form(mask))))
            if (Prose.IsProse(text)) yield return new(member, tag, subject, text, form);
    }
}

/// <summary>XML documentation as plain sentences.</summary>
static partial class Prose
{
    const string Mask = "\u25A1";

    /// <summary>The paragraphs of an element; with a mask in place of every identifier where asked.</summary>
    public static List<string> Paragraphs(XElement element, bool mask)
    {
        var raw = Or().Replace(string.Concat(element.Nodes().Select(node => Render(node, mask))), "\n\n");
        return [.. Break().Split(raw).Select(Tidy).Where(text => text.Any(c => char.IsLetter(c) || c == Mask[0])).Select(Close)];
    }

    /// <summary>Lower-case words alone, identifiers masked: texts that differ only in what they name are equal.</summary>
    public static string Form(string masked)
    {
        var words = Word().Matches(Identifier().Replace(masked, Mask)).Select(match => match.Value.ToLowerInvariant());
        return string.Join(' ', words);
    }

    public static bool IsProse(string text) =>
        text.Count(char.IsLetter) * 4 > text.Count(c => c != ' ') * 3 && !Placeholder().IsMatch(text);

    public static IEnumerable<string> Sentences(string text) => SentenceEnd().Split(text).Where(sentence => sentence.Length > 0);

    /// <summary>"M:System.String.Format(System.String)" -> "Format"; "T:System.Collections.Generic.List`1" -> "List".</summary>
    public static string NameOf(string id)
    {
        var path = id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('(')[0].Split('~')[0].Split('{')[0];
        var parts = path.Split('.').Select(part => part.Split('`')[0]).ToArray();
        return parts[^1] == "#ctor" && parts.Length > 1 ? parts[^2] : parts[^1].StartsWith("op_", StringComparison.Ordinal) ? $"{parts[^1][3..]} operator" : parts[^1];
    }

    static string Render(XNode node, bool mask) => node switch
    {
        XText text => text.Value,
        XElement element => RenderElement(element, mask),
        _ => "",
    };

    static string RenderElement(XElement element, bool mask)
    {
        var inner = string.Concat(element.Nodes().Select(node => Render(node, mask)));
        return element.Name.LocalName switch
        {
            "see" or "seealso" or "inheritdoc" when (string?)element.Attribute("cref") is { } cref => mask ? Mask : inner.Length > 0 ? inner : Reference(cref),
            "see" or "seealso" => (string?)element.Attribute("langword") ?? (string?)element.Attribute("langref") ?? (inner.Length > 0 ? inner : (string?)element.Attribute("href") ?? ""),
            "paramref" or "typeparamref" => mask ? Mask : (string?)element.Attribute("name") ?? inner,
            "xref" => mask ? Mask : NameOf((string?)element.Attribute("uid") ?? inner),
            "c" => mask ? Mask : inner,
            "code" when element.Attribute("data-dev-comment-type") is { } kind => mask && kind.Value != "langword" ? Mask : inner, // a block otherwise
            "code" or "example" or "listheader" or "devremarks" or "script" => " ",
            "sup" => "^" + inner,
            "term" => Tidy(inner) is { Length: > 0 } term ? term + ": " : "",
            "para" or "p" or "item" or "li" or "list" or "ul" or "div" or "br" => "\n\n" + inner + "\n\n",
            _ => inner,
        };
    }

    static string Reference(string cref)
    {
        var name = NameOf(cref);
        if (cref.Length < 2 || cref[0] is not ('P' or 'F' or 'E' or 'M') || cref.Contains("#ctor", StringComparison.Ordinal)) return name;
        var owner = cref[2..].Split('(')[0].Split('.');
        return owner.Length < 2 ? name : $"{owner[^2].Split('`')[0]}.{name}";
    }

    static string Tidy(string text)
    {
        var bare = Link().Replace(Xref().Replace(text, match => NameOf("T:" + match.Groups[1].Value)), "$1").Replace("**", "", StringComparison.Ordinal).Replace('`', ' ');
        var flat = Space().Replace(bare.Normalize(NormalizationForm.FormC), " ").Trim();
        return Twice().Replace(Gap().Replace(Stray().Replace(flat, ""), "$1"), ".").TrimStart('-', '*', '\u2022', ' ');
    }

    static string Close(string text) => text[^1] is '.' or '!' or '?' or ':' || text.EndsWith(".)", StringComparison.Ordinal) ? text : text.TrimEnd(';', ',') + ".";

    [GeneratedRegex(@"\s+-\s?or\s?-\s+|^\s*-\s?or\s?-\s+", RegexOptions.IgnoreCase)] private static partial Regex Or();
    [GeneratedRegex(@"\r?\n[ \t]*\r?\n")] private static partial Regex Break();
    [GeneratedRegex(@"[\s\u200B\uFEFF]+")] private static partial Regex Space();
    [GeneratedRegex(@" +([.,;:)])(?=\s|$)")] private static partial Regex Gap();
    [GeneratedRegex(@"(?<=[\w)])\.\.(?=\s|$)")] private static partial Regex Twice();
    [GeneratedRegex(@"\.""/>|\s+/>(?=\.?$)")] private static partial Regex Stray();
    [GeneratedRegex(@"\[([^\]\[]{1,80})\]\((?:[^()\s]|\([^()]*\))+\)")] private static partial Regex Link();
    [GeneratedRegex(@"<?xref:([\w.]+)[^\s>]*>?")] private static partial Regex Xref();
    [GeneratedRegex(@"[a-z\u25A1]+", RegexOptions.IgnoreCase)] private static partial Regex Word();
    [GeneratedRegex(@"\w*(?:[a-z][A-Z]|\.[A-Z]|_|[A-Z]{2})\w*|\w*\d\w*")] private static partial Regex Identifier();
    [GeneratedRegex(@"(?<=(?<!\b(?:e\.g|i\.e|etc|vs))[.!?]\)?) (?=[""'(\p{Lu}\d])")] private static partial Regex SentenceEnd();
    [GeneratedRegex(@"to be added|^todo\b|^none\.$|\{|;\s*$|^\W*(?:inheritdoc)", RegexOptions.IgnoreCase)] private static partial Regex Placeholder();
}

/// <summary>Writes one document a type: its summary, then a paragraph for each member, each sentence once.</summary>
sealed class TypeTexts(List<Piece> pieces, HashSet<string> heldOutForms)
{
    const int MostRepeats = 8; // beyond this a sentence teaches nothing more ("The type of the source elements.")

    static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    readonly Dictionary<string, int> _seen = new(StringComparer.Ordinal);
    readonly List<string> _lines = [];

    public void Write(string path)
    {
        var types = pieces.Where(piece => piece.Split == Split.Train).GroupBy(piece => piece.Member.Type).OrderBy(group => group.Key, StringComparer.Ordinal);
        _lines.AddRange(types.Select(Document).OfType<string>());
        using var stream = new GZipStream(File.Create(path), CompressionLevel.SmallestSize);
        foreach (var line in _lines) stream.Write(Encoding.UTF8.GetBytes(line));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"text: {_lines.Count} documents, {_lines.Sum(Encoding.UTF8.GetByteCount)} bytes"));
    }

    /// <summary>About 200 kB of the middling documents.</summary>
    public void WriteSmoke(string path) =>
        File.WriteAllText(path, string.Concat(_lines.Where(line => line.Length is > 400 and < 4000).OrderBy(Stable.Hash).Take(150)));

    string? Document(IGrouping<string, Piece> type)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        var name = Prose.NameOf("T:" + type.Key);
        var members = type.GroupBy(piece => piece.Member.Kind == 'T' ? "" : piece.Member.Name).OrderBy(group => group.Key, StringComparer.Ordinal);
        var paragraphs = members.Select(member => Paragraph(member.Key.Length == 0 ? name : $"{name}.{member.Key}", member, told)).OfType<string>();
        var text = string.Join('\n', paragraphs);
        return text.Length < 80 ? null : JsonSerializer.Serialize(new { id = type.Key, text }, Plain) + "\n";
    }

    string? Paragraph(string heading, IEnumerable<Piece> member, HashSet<string> told)
    {
        var sentences = member.SelectMany(piece => Sentences(piece, told)).ToList();
        return sentences.Count == 0 ? null : $"{heading}: {string.Join(' ', sentences)}";
    }

    IEnumerable<string> Sentences(Piece piece, HashSet<string> told)
    {
        if (heldOutForms.Contains(piece.Form)) yield break;
        var lead = piece.Tag switch
        {
            "param" or "typeparam" => $"{piece.Subject}: ",
            "returns" or "value" => "Returns: ",
            "exception" => $"Throws {piece.Subject}: ",
            _ => "",
        };
        foreach (var sentence in Prose.Sentences(piece.Text))
        {
            if (!told.Add(sentence) || heldOutForms.Contains(Prose.Form(sentence))) continue;
            var count = CollectionsMarshal.GetValueRefOrAddDefault(_seen, sentence, out _)++;
            if (count >= MostRepeats) continue;
            yield return lead + sentence;
            lead = "";
        }
    }
}

/// <summary>Writes the tasks: rows of train, validation and test come from different families of types and share no form.</summary>
sealed class Tasks(List<Piece> pieces)
{
    static readonly string[] Order = ["train", "validation", "test"];

    /// <summary>The forms of every validation and test row; the pre-training text leaves them out.</summary>
    public HashSet<string> HeldOutForms { get; } = new(StringComparer.Ordinal);

    public void WriteAll(string folder)
    {
        WriteLabelled(Path.Combine(folder, "element"), Element, [300, 50, 100], 4, 40);
        WriteLabelled(Path.Combine(folder, "area"), Area, [100, 40, 80], 7, 60);
        WriteLabelled(Path.Combine(folder, "exception"), Exception, [150, 60, 100], 4, 60);
        Write(Path.Combine(folder, "member"), "text,name", Choose(piece => Name(piece) is null ? null : "", [4000, 400, 800], 5, 40), piece => $"{Csv(piece.Text)},{Name(piece)}");
        WriteMatch(Path.Combine(folder, "match"));
    }

    public void WriteSmoke(string folder) => WriteLabelled(folder, piece => Element(piece) is "property" or "result" or "exception" ? Element(piece) : null, [40, 14, 14], 4, 20);

    void WriteLabelled(string folder, Func<Piece, string?> label, int[] each, int fewest, int most) =>
        Write(folder, "text,label", Choose(label, each, fewest, most), piece => $"{Csv(piece.Text)},{label(piece)}");

    static string? Element(Piece piece) => (piece.Member.Kind, piece.Tag) switch
    {
        ('T', "summary") => "type",
        ('M', "summary") when !piece.Member.Id.Contains("#ctor", StringComparison.Ordinal) => "method",
        ('P', "summary") => "property",
        ('F', "summary") => "field",
        ('M', "returns") => "result",
        ('M', "param") => "parameter",
        (_, "exception") => "exception",
        (_, "remarks") => "remark",
        _ => null,
    };

    /// <summary>Area, namespaces, and the words that would give it away.</summary>
    static readonly (string Label, string Namespaces, string Tell)[] Areas =
    [
        ("collections", @"^System\.(Collections|Linq$)", "collection|linq"),
        ("cryptography", @"^System\.Security\.Cryptography", "crypt"),
        ("data", @"^System\.Data", @"\bdata"),
        ("diagnostics", @"^System\.Diagnostics", "diagnos"),
        ("network", @"^System\.Net(?!\.Http\.Json)", "network"),
        ("reflection", @"^System\.Reflection", "reflect"),
        ("text", @"^System\.(Text(?!\.Json)|Globalization)", @"\btext"),
        ("threads", @"^System\.Threading", "thread"),
        ("web", @"^Microsoft\.AspNetCore", @"\bweb|asp\.net"),
        ("xml", @"^System\.Xml", @"xml|\bxs[dl]"),
    ];

    static string? Area(Piece piece)
    {
        if (piece.Tag is not ("summary" or "remarks" or "returns") || piece.Member.Id.Contains("#ctor", StringComparison.Ordinal) || Regex.IsMatch(piece.Text, @"\w[A-Z]+[a-z]|\.[A-Z]")) return null;
        var area = Array.Find(Areas, area => Regex.IsMatch(piece.Member.Namespace, area.Namespaces));
        return area.Label is null || Regex.IsMatch(piece.Text, area.Tell, RegexOptions.IgnoreCase) ? null : area.Label;
    }

    static string? Exception(Piece piece) => piece.Tag != "exception" || piece.Text.Contains("Exception", StringComparison.Ordinal) ? null : piece.Subject switch
    {
        "ArgumentException" => "argument",
        "ArgumentNullException" => "null",
        "ArgumentOutOfRangeException" => "range",
        "InvalidOperationException" => "operation",
        "NotSupportedException" => "unsupported",
        "IOException" => "io",
        "CryptographicException" => "cryptographic",
        "SecurityException" or "UnauthorizedAccessException" => "permission",
        _ => null,
    };

    /// <summary>"TryParseExact" -> "try parse exact"; null where the name is not made of one to four words or the text says it.</summary>
    static string? Name(Piece piece)
    {
        if (piece.Tag != "summary" || piece.Member.Kind is not ('M' or 'P') || piece.Member.Id.Contains("#ctor", StringComparison.Ordinal)) return null;
        var words = Regex.Matches(piece.Member.Name, @"[A-Z]+(?![a-z])|[A-Z][a-z]+");
        if (words.Count is 0 or > 4 || words.Sum(word => word.Length) != piece.Member.Name.Length) return null;
        return words.Count > 1 && piece.Text.Contains(piece.Member.Name, StringComparison.Ordinal) ? null : string.Join(' ', words.Select(word => word.Value.ToLowerInvariant()));
    }

    /// <summary>Usable pieces in a stable random order, no form twice, at most six a type, none nearly equal to a row that is held out from it.</summary>
    List<Piece>[] Choose(Func<Piece, string?> label, int[] each, int fewest, int most)
    {
        var forms = new HashSet<string>(StringComparer.Ordinal);
        var usable = pieces.Where(piece => piece.Words >= fewest && piece.Words <= most && label(piece) is not null).OrderByDescending(piece => piece.Split).ThenBy(piece => piece.Order);
        var distinct = usable.Where(piece => forms.Add(piece.Form) & forms.Add("=" + Prose.Form(piece.Text))).GroupBy(piece => (piece.Member.Type, label(piece))).SelectMany(group => group.Take(6)).OrderBy(piece => piece.Order).ToList();
        var heldOut = new List<HashSet<string>>();
        List<Piece> Pick(Split split)
        {
            var chosen = distinct.Where(piece => piece.Split == split).GroupBy(label).SelectMany(group => group.Where(piece => !IsNear(Bag(piece.Form), heldOut)).Take(each[(int)split])).OrderBy(piece => piece.Order).ToList();
            heldOut.AddRange(chosen.Select(piece => Bag(piece.Form)));
            return chosen;
        }
        List<Piece> test = Pick(Split.Test), validation = Pick(Split.Validation), train = Pick(Split.Train);
        return [train, validation, test];
    }

    static HashSet<string> Bag(string form) => new(form.Split(' '), StringComparer.Ordinal);

    /// <summary>Four fifths of all words in common.</summary>
    static bool IsNear(HashSet<string> words, List<HashSet<string>> others) => others.Exists(other =>
        Math.Min(words.Count, other.Count) * 5 >= Math.Max(words.Count, other.Count) * 4
        && words.Count(other.Contains) is var shared && shared * 5 >= (words.Count + other.Count - shared) * 4);

    /// <summary>Yes: the member's own name; no: the name of another member of the same kind and namespace with no word in common.</summary>
    void WriteMatch(string folder)
    {
        var names = pieces.Where(piece => LongName(piece) is not null).ToLookup(Neighbourhood, piece => LongName(piece)!);
        string? Shown(Piece piece) => piece.Order % 2 == 0 ? LongName(piece) : Other(LongName(piece), [.. names[Neighbourhood(piece)].Distinct()], piece.Order);
        static string Label(Piece piece) => piece.Order % 2 == 0 ? "yes" : "no";
        var chosen = Choose(piece => Shown(piece) is null ? null : Label(piece), [2000, 200, 400], 6, 40);
        Write(folder, "name,text,label", chosen, piece => $"{Shown(piece)},{Csv(piece.Text)},{Label(piece)}");
    }

    static string? LongName(Piece piece) => Name(piece) is { } name && name.Contains(' ', StringComparison.Ordinal) ? name : null;

    static (Split, string, char) Neighbourhood(Piece piece) => (piece.Split, piece.Member.Namespace, piece.Member.Kind);

    static string? Other(string? own, List<string> names, ulong start) => own is null ? null : Enumerable.Range((int)(start % (ulong)names.Count), names.Count)
        .Select(at => names[at % names.Count]).FirstOrDefault(name => !name.Split(' ').Intersect(own.Split(' ')).Any());

    void Write(string folder, string header, List<Piece>[] chosen, Func<Piece, string> row)
    {
        Directory.CreateDirectory(folder);
        foreach (var (split, rows) in Order.Zip(chosen))
            File.WriteAllText(Path.Combine(folder, split + ".csv"), string.Concat(rows.Select(row).Prepend(header).Select(line => line + "\n")));
        foreach (var piece in chosen[1].Concat(chosen[2])) HeldOutForms.UnionWith(Prose.Sentences(piece.Text).Select(Prose.Form).Append(piece.Form));
        Console.WriteLine($"{folder}: {string.Join(", ", Order.Zip(chosen, (split, rows) => $"{rows.Count} {split}"))}");
    }

    static string Csv(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
