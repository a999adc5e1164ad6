// Makes the task dotnet-docs/tasks/find of the pre-training text: of a document about one type and the description of one of its members, which member is it?
// dotnet run data/make/long-documents.cs [TEXT.jsonl.gz] [FOLDER]
// The description's first sentence is asked, the document holds it behind the member's name, so a model that reads too little of the document cannot know.
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

const int LeastCharacters = 1500, MostCharacters = 6000, LeastMembers = 5, MostRows = 4;

var source = args.ElementAtOrDefault(0) ?? "data/dotnet-docs/text.jsonl.gz";
var folder = args.ElementAtOrDefault(1) ?? "data/dotnet-docs/tasks/find";
var rows = new Dictionary<string, List<string>> { ["train"] = [], ["validation"] = [], ["test"] = [] };
using (var reader = new StreamReader(new GZipStream(File.OpenRead(source), CompressionMode.Decompress)))
    while (reader.ReadLine() is { } line)
    {
        var document = JsonDocument.Parse(line).RootElement;
        Add(document.GetProperty("id").GetString()!, document.GetProperty("text").GetString()!);
    }

Directory.CreateDirectory(folder);
foreach (var (split, lines) in rows)
{
    using var writer = new StreamWriter(new GZipStream(File.Create(Path.Combine(folder, $"{split}.jsonl.gz")), CompressionLevel.SmallestSize), new UTF8Encoding(false)) { NewLine = "\n" };
    foreach (var row in lines) writer.WriteLine(row);
    Console.WriteLine($"{split}: {lines.Count} rows");
}

void Add(string id, string text)
{
    if (text.Length < LeastCharacters) return;
    var cut = text.Length <= MostCharacters ? text : text[..(text.LastIndexOf('\n', MostCharacters) is > 0 and var end ? end : MostCharacters)];
    var members = cut.Split('\n').Select(Member).OfType<(string Name, string Sentence)>().ToList();
    // A question has one answer: its sentence stands once in the document, and its member's name too.
    members = [.. members.Where(member => Occurrences(cut, member.Sentence) == 1 && members.Count(other => other.Name == member.Name) == 1)];
    if (members.Count < LeastMembers) return;
    foreach (var (name, sentence) in members.OrderBy(member => Number($"{id} {member.Name}")).Take(MostRows))
        rows[SplitOf(id)].Add(new JsonObject { ["description"] = sentence, ["document"] = cut, ["name"] = name }.ToJsonString());
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

static ulong Number(string text) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
