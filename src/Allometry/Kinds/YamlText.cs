using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Allometry.Kinds;

/// <summary>
/// One YAML document as nodes with places. Anchors, aliases and merge keys (<c>&lt;&lt;</c>) are allowed; duplicate keys, tabs that indent, tags other
/// than <c>!!str</c>, keys that are not words, several documents and an empty file are problems.
/// </summary>
internal sealed class YamlText
{
    private const int DeepestNesting = 64;
    private const long LargestDocument = 1_000_000; // nodes with aliases written out

    private readonly string name;
    private readonly Scanner scanner;
    private readonly Parser parser;
    private readonly List<Problem> problems = [];
    private readonly Dictionary<string, Node> anchors = [];

    private YamlText(string text, string name)
    {
        this.name = name;
        scanner = new Scanner(new StringReader(text));
        parser = new Parser(scanner);
    }

    /// <summary>The document, or an <see cref="InputException"/> with all its problems up to the first that makes the rest unreadable.</summary>
    public static Node Parse(string text, string name)
    {
        var yaml = new YamlText(text, name);
        yaml.CheckCharacters(text);
        if (yaml.problems.Count > 0) throw new InputException(yaml.problems);
        var root = yaml.Document();
        return yaml.problems.Count == 0 ? root : throw new InputException(yaml.problems);
    }

    private void CheckCharacters(string text)
    {
        var line = 0;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            line++;
            var indent = content.Length - content.TrimStart(" \t").Length;
            if (content[..indent].IndexOf('\t') is >= 0 and var tab) Add(new Position(name, line, tab + 1), "a tab indents this line", "indent with spaces");
            for (var i = 0; i < content.Length; i++)
                if (char.IsControl(content[i]) && content[i] is not '\t' and not '\u0085')
                    Add(new Position(name, line, i + 1), $"control character U+{(int)content[i]:X4}", "remove it");
        }
    }

    private Node Document()
    {
        Take<StreamStart>();
        if (parser.Current is StreamEnd) throw Stop(new Position(name), "the file is empty", "write at least one member");
        Take<DocumentStart>();
        var root = Read(1);
        Take<DocumentEnd>();
        if (parser.Current is DocumentStart next) Add(At(next.Start), "a second document begins", "keep one document in a file");
        return root;
    }

    private Node Read(int depth)
    {
        var start = parser.Current ?? throw Stop(new Position(name), "the file ends too early", "complete it");
        var at = At(start.Start);
        if (depth > DeepestNesting) throw Stop(at, $"nested deeper than {DeepestNesting} levels", "flatten it");
        if (start is AnchorAlias alias) return Alias(alias, at);
        CheckTag(start, at);
        Node node = start switch
        {
            MappingStart => Map(at, depth),
            SequenceStart => List(at, depth),
            Scalar => Word(at),
            _ => throw Stop(at, "unexpected YAML", "mend the YAML there"),
        };
        if (node.Size > LargestDocument || node.Depth > DeepestNesting) throw Stop(at, "too large once its aliases are written out", "use fewer aliases");
        if (start is NodeEvent { Anchor.IsEmpty: false } anchored) anchors[anchored.Anchor.Value] = node;
        return node;
    }

    private Node Alias(AnchorAlias alias, Position at)
    {
        Take<AnchorAlias>();
        if (anchors.TryGetValue(alias.Value.Value, out var node)) return node;
        Add(at, $"the anchor '{alias.Value.Value}' is not defined before this", Suggestion.For(alias.Value.Value, anchors.Keys));
        return new ScalarNode(at, "", Quoted: false);
    }

    private void CheckTag(ParsingEvent start, Position at)
    {
        if (start is NodeEvent { Tag.IsEmpty: false } tagged && tagged.Tag.Value is not ("tag:yaml.org,2002:str" or "!"))
            Add(at, $"the tag '{tagged.Tag.Value}' means nothing here", "remove it");
    }

    private ScalarNode Word(Position at)
    {
        var scalar = Take<Scalar>();
        return new ScalarNode(at, scalar.Value, scalar.Style != ScalarStyle.Plain || !scalar.Tag.IsEmpty);
    }

    private ListNode List(Position at, int depth)
    {
        Take<SequenceStart>();
        var items = new List<Node>();
        while (parser.Current is not SequenceEnd) items.Add(Read(depth + 1));
        Take<SequenceEnd>();
        return new ListNode(at, items);
    }

    private MapNode Map(Position at, int depth)
    {
        Take<MappingStart>();
        var members = new List<MapMember>();
        var merged = new List<MapNode>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (parser.Current is not MappingEnd)
        {
            var key = Read(depth + 1);
            var value = Read(depth + 1);
            if (key is not ScalarNode word) Add(key.At, "a key must be a word", "write 'name: value'");
            else if (word is { Quoted: false, Text: "<<" }) merged.AddRange(Merged(value));
            else if (!names.Add(word.Text)) Add(word.At, $"'{word.Text}' is given twice", "keep one of them");
            else members.Add(new MapMember(word.Text, word.At, value));
        }
        Take<MappingEnd>();
        // Merge keys are shallow, and the first map that has a member gives it (yaml.org/type/merge.html).
        members.AddRange(merged.SelectMany(map => map.Members).Where(member => names.Add(member.Name)).ToList());
        return new MapNode(at, members);
    }

    private IEnumerable<MapNode> Merged(Node value)
    {
        var sources = value is ListNode list ? list.Items : [value];
        foreach (var source in sources)
            if (source is MapNode map) yield return map;
            else Add(source.At, "'<<' merges maps only", "give it the alias of a map");
    }

    private T Take<T>() where T : ParsingEvent
    {
        if (parser.Current is null) Advance();
        var current = parser.Current as T ?? throw Stop(parser.Current is { } other ? At(other.Start) : new Position(name), "unexpected YAML", "mend the YAML there");
        Advance();
        return current;
    }

    // YamlDotNet answers some broken texts with exceptions of its insides (InvalidOperationException, ArgumentOutOfRangeException, ...).
    private void Advance()
    {
        try
        {
            parser.MoveNext();
        }
        catch (YamlException e)
        {
            throw Stop(At(e.Start), e.Message.TrimEnd('.'), "mend the YAML there, or just before");
        }
        catch (Exception)
        {
            throw Stop(At(scanner.CurrentPosition), "this is not YAML", "mend the YAML there, or just before");
        }
    }

    private Position At(Mark mark) => new(name, (int)mark.Line, (int)mark.Column);

    private void Add(Position at, string what, string mend) => problems.Add(new Problem(at.ToString(), what, mend));

    private InputException Stop(Position at, string what, string mend)
    {
        Add(at, what, mend);
        return new InputException(problems);
    }
}
