// Makes two tasks of the pre-training text, both of documents about one type (a page).
// dotnet-docs/tasks/find: of a page and the description of one of its members, which member is it? The description's first sentence is asked, the page holds it behind the member's name, so a model that reads too little of it cannot know.
// dotnet-docs/tasks/page: of a page without the names of its members, which area of the library is it about? Sentences that name the area are left out: evidence grows with what is read.
// dotnet run data/make/long-documents.cs [TEXT.jsonl.gz] [FOLDER]
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

const int LeastCharacters = 1500, LeastOfPage = 1000, MostCharacters = 6000, LeastMembers = 5, MostRows = 4;

var source = args.ElementAtOrDefault(0) ?? "data/dotnet-docs/text.jsonl.gz";
var folder = args.ElementAtOrDefault(1) ?? "data/dotnet-docs/tasks";
// The areas of dotnet-docs.cs, by namespaces, and the words that would give each away.
(string Label, string Namespaces, string Tell)[] areas =
[
    ("collections", @"^System\.(Collections|Linq\.)", "collection|linq"), ("cryptography", @"^System\.Security\.Cryptography", "crypt"), ("data", @"^System\.Data", @"\bdata"), ("diagnostics", @"^System\.Diagnostics", "diagnos"),
    ("network", @"^System\.Net\.(?!Http\.Json)", "network"), ("reflection", @"^System\.Reflection", "reflect"), ("text", @"^System\.(Text(?!\.Json)|Globalization)", @"\btext"), ("threads", @"^System\.Threading", "thread"),
    ("web", @"^Microsoft\.AspNetCore", @"\bweb|asp\.net"), ("xml", @"^System\.Xml", @"xml|\bxs[dl]"),
];
Dictionary<string, List<string>> finds = Splits(), pages = Splits();
using (var reader = new StreamReader(new GZipStream(File.OpenRead(source), CompressionMode.Decompress)))
    while (reader.ReadLine() is { } line)
    {
        var document = JsonDocument.Parse(line).RootElement;
        AddFinds(document.GetProperty("id").GetString()!, document.GetProperty("text").GetString()!);
        AddPage(document.GetProperty("id").GetString()!, document.GetProperty("text").GetString()!);
    }
foreach (var (task, rows) in new[] { ("find", finds), ("page", pages) }) Write(Path.Combine(folder, task), rows);

static void Write(string folder, Dictionary<string, List<string>> rows)
{
    Directory.CreateDirectory(folder);
    foreach (var (split, lines) in rows)
    {
        using var writer = new StreamWriter(new GZipStream(File.Create(Path.Combine(folder, $"{split}.jsonl.gz")), CompressionLevel.SmallestSize), new UTF8Encoding(false)) { NewLine = "\n" };
        foreach (var row in lines) writer.WriteLine(row);
        Console.WriteLine($"{folder} {split}: {lines.Count} rows");
    }
}

static Dictionary<string, List<string>> Splits() => new() { ["train"] = [], ["validation"] = [], ["test"] = [] };

void AddPage(string id, string text)
{
    if (Array.Find(areas, area => Regex.IsMatch(id, area.Namespaces)) is not { Label: { } label, Tell: { } tell }) return;
    var sentences = text.Split('\n').SelectMany(paragraph => Regex.Split(Regex.Replace(paragraph, @"^[\w.`<>]*: ", ""), @"(?<=\.)\s")).Where(sentence => !Regex.IsMatch(sentence, tell, RegexOptions.IgnoreCase));
    var page = string.Join(' ', sentences);
    if (page.Length < LeastOfPage) return;
    pages[PageSplitOf(id)].Add(new JsonObject { ["document"] = page.Length <= MostCharacters ? page : page[..MostCharacters], ["label"] = label }.ToJsonString());
}

void AddFinds(string id, string text)
{
    if (text.Length < LeastCharacters) return;
    var cut = text.Length <= MostCharacters ? text : text[..(text.LastIndexOf('\n', MostCharacters) is > 0 and var end ? end : MostCharacters)];
    var members = cut.Split('\n').Select(Member).OfType<(string Name, string Sentence)>().ToList();
    // A question has one answer: its sentence stands once in the document, and its member's name too.
    members = [.. members.Where(member => Occurrences(cut, member.Sentence) == 1 && members.Count(other => other.Name == member.Name) == 1)];
    if (members.Count < LeastMembers) return;
    foreach (var (name, sentence) in members.OrderBy(member => Number($"{id} {member.Name}")).Take(MostRows))
        finds[SplitOf(id)].Add(new JsonObject { ["description"] = sentence, ["document"] = cut, ["name"] = name }.ToJsonString());
}

// "Type.CopyToAsync: Copies the ..." -> "copy to async" and the first sentence.
static (string, string)? Member(string paragraph)
{
    var match = Regex.Match(paragraph, @"^[\w.`<>]*\.([A-Z]\w*): ([A-Z][^:.]{25,160}\.)(\s|$)");
    return match.Success ? (Regex.Replace(match.Groups[1].Value, "(?<=[a-z0-9])(?=[A-Z])", " ").ToLowerInvariant(), match.Groups[2].Value) : null;
}

static int Occurrences(string text, string part) => (text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length;

// A type with its nested and generic variants belongs to one split.
static string SplitOf(string id) => (Number(Regex.Replace(id, "[`+].*$", "")) % 100) switch { < 68 => "train", < 80 => "validation", _ => "test" };

// More of them are asked than of sentences: there are few.
static string PageSplitOf(string id) => (Number($"page {Regex.Replace(id, "[`+].*$", "")}") % 100) switch { < 55 => "train", < 65 => "validation", _ => "test" };

static ulong Number(string text) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
