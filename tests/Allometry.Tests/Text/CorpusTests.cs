using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Tests.Store;
using Allometry.Text;
using Parquet;
using Parquet.Schema;

namespace Allometry.Tests.Text;

public sealed class CorpusTests : IDisposable
{
    private static readonly string[] Three = ["First, \"quoted\"\nsecond line.", "Zweites Dokument: ß", "第三の文書 🎉"];
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Forms => ["a.txt", "a.jsonl", "a.csv", "a.parquet", "wiki_00", "AA/wiki_01"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_form_gives_the_same_documents_alone_and_in_every_archive(string name)
    {
        var content = await Content(name);
        Save(name, content);
        Save(name + ".gz", Gzip(content));
        Save("b.tar", Tar(name, content));
        Save("c.tar.gz", Gzip(Tar(name, content)));
        Save("d.tgz", Gzip(Tar(name, content)));
        Save("e.zip", Zip(name, content));
        Save("f.zip", Zip("inner.tar.gz", Gzip(Tar(name + ".gz", Gzip(content)))));
        foreach (var file in (string[])[name, name + ".gz", "b.tar", "c.tar.gz", "d.tgz", "e.zip", "f.zip"]) Assert.Equal(Three, Read(file));
    }

    [Theory]
    [InlineData(TextUnit.Paragraph, new[] { "a\nb", "c" })]
    [InlineData(TextUnit.Line, new[] { "a", "b", "c" })]
    [InlineData(TextUnit.File, new[] { "\na\r\nb\n \n\nc" })]
    public void A_text_file_is_cut_as_asked(TextUnit unit, string[] expected) =>
        Assert.Equal(expected, new Corpus([folder.File("a.txt", "\na\r\nb\n \n\nc")], Unit: unit).Documents());

    [Fact]
    public void Tabs_separate_without_quoting_and_the_only_column_needs_no_name()
    {
        Assert.Equal(["say \"hi", "two"], new Corpus([folder.File("a.tsv", "id\tbody\n1\tsay \"hi\n2\ttwo\n")], "body").Documents());
        Assert.Equal(["one", "two"], new Corpus([folder.File("b.csv", "sentence\none\ntwo\n")]).Documents());
    }

    [Theory]
    [InlineData("wiki.tokens", "one\n\ntwo")]
    [InlineData("notes.md", "one\n\ntwo\n")]
    [InlineData("dump.json", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n")]
    [InlineData("dump.ndjson", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n")]
    [InlineData("novel.en", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n")]
    public void A_text_of_another_extension_is_read_by_its_first_character(string name, string content) =>
        Assert.Equal(["one", "two"], new Corpus([folder.File(name, content)]).Documents());

    [Fact]
    public void Folders_and_patterns_stand_for_their_files_in_ordinal_order()
    {
        foreach (var name in (string[])["b.txt", "a/c.txt", "a/d/e.txt", "a/d/f.text.bak", "a/A.jsonl"]) folder.File(name, name.EndsWith('l') ? "{\"text\":\"A\"}" : Path.GetFileNameWithoutExtension(name));
        Assert.Equal(["A", "c", "e", "b"], Read(""));
        Assert.Equal(["c", "e"], Read("a/**/*.txt"));
        Assert.Equal(["b"], Read("?.txt"));
        Assert.Equal(["c", "b"], DataFiles.Located(new Corpus(["a/*.txt", "b.txt", "a/c.txt"]), folder.Path).Documents());
    }

    [Fact]
    public void Documents_are_held_out_by_their_text_alone()
    {
        var texts = Enumerable.Range(0, 20_000).Select(i => $"document {i}").ToList();
        var corpus = new Corpus([folder.File("a.txt", string.Join('\n', texts))], HeldOut: 0.05, Unit: TextUnit.Line);
        var splits = Enum.GetValues<Split>().ToDictionary(split => split, split => corpus.Documents(split).ToList());
        Assert.Equal(texts.Order(), splits.Values.SelectMany(documents => documents).Order());
        Assert.InRange(splits[Split.Validation].Count, 900, 1100);
        Assert.InRange(splits[Split.Test].Count, 900, 1100);
        folder.File("a.txt", string.Join('\n', texts.Take(10_000).Reverse().SelectMany(text => new[] { text, text })));
        Assert.Empty(corpus.Documents(Split.Validation).Except(splits[Split.Validation]));
        Assert.Equal(Split.Validation, corpus.SplitOf(splits[Split.Validation][0]));
    }

    [Fact]
    public void The_number_of_documents_can_be_limited() =>
        Assert.Equal(["a", "b"], new Corpus([folder.File("a.txt", "a\n\nb\n\nc")], MaxDocuments: 2).Documents());

    [Fact]
    public void Its_fingerprint_follows_content_and_settings_but_not_the_place()
    {
        var corpus = new Corpus([folder.File("a.txt", "some text")]);
        var prints = new List<string> { corpus.Fingerprint(), (corpus with { HeldOut = 0.1 }).Fingerprint(), new Corpus([folder.File("b/a.jsonl", "some text")]).Fingerprint() };
        Assert.Equal(prints[0], new Corpus([folder.File("other/a.txt", "some text")]).Fingerprint());
        folder.File("a.txt", "same text");
        prints.Add(corpus.Fingerprint());
        Assert.Equal(4, prints.Distinct().Count());
    }

    [Fact]
    public void It_is_read_from_yaml()
    {
        var corpus = Reader.Read<Corpus>("{ files: [a.txt], held-out: 0.2, unit: line }", "recipe.yaml");
        Assert.Equal(("a.txt", 0.2, TextUnit.Line), (corpus.Files[0], corpus.HeldOut, corpus.Unit));
        Assert.Throws<InputException>(() => Reader.Read<Corpus>("{ files: [a.txt], held-out: 0.7 }", "recipe.yaml"));
    }

    [Theory]
    [InlineData("none.txt", "", "none.txt: does not exist")]
    [InlineData("none/*.txt", "", "matches no file")]
    [InlineData("a.txt", " \n\n ", "holds no text")]
    [InlineData("a.doc", "\u00d0\u00cf\u0011\u00e0", "a.doc: is not UTF-8 at byte 0")]
    [InlineData("a.json", "[{\"text\":\"a\"}]", "a.json: is one JSON array; write one object a line")]
    [InlineData("a.jsonl", "{\"text\":\"a\"}\n{\"text\":", "a.jsonl:2: is not a JSON object")]
    [InlineData("a.jsonl", "{\"texts\":\"a\",\"id\":1}", "a.jsonl:1: has no field 'text'; did you mean 'texts'?")]
    [InlineData("a.csv", "id,txt\n1,a\n", "has no field 'text'; did you mean 'txt'?")]
    [InlineData("a.csv", "id,text\n1,\"a\n", "never closed")]
    [InlineData("a.txt", "\u00ffdamaged", "a.txt: is not UTF-8 at byte 0")]
    [InlineData("a.jsonl.gz", "plain", "is damaged or was cut short")]
    [InlineData("a.zip", "plain", "is damaged or was cut short")]
    [InlineData("a.parquet", "plain", "is damaged or was cut short")]
    [InlineData("a.tar", "plain", "is damaged or was cut short")]
    public void What_is_wrong_is_told_with_its_place(string name, string content, string expected)
    {
        if (!name.StartsWith("none", StringComparison.Ordinal)) Save(name, Encoding.Latin1.GetBytes(content));
        Assert.Contains(expected, Refused(name), StringComparison.Ordinal);
    }

    [Fact]
    public void All_missing_files_are_told_at_once() =>
        Assert.Equal(2, Assert.Throws<InputException>(() => new Corpus(["x.txt", folder.File("a.txt", "a"), "y.txt"]).Documents().Count()).Problems.Count);

    [Theory]
    [InlineData(65_535)]
    [InlineData(131_071)]
    [InlineData(200_000)]
    public void Invalid_bytes_are_found_wherever_they_are(int place)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("aé漢🎉", 25_000)));
        Assert.Equal(bytes.Length / 10, new Corpus([Save("a.txt", bytes)], Unit: TextUnit.File).Documents().Sum(text => text.Length) / 5);
        place = Enumerable.Range(place, 10).First(i => (bytes[i] & 0xC0) != 0x80); // the first byte of a character
        bytes[place] = 0xFF;
        Save("b.txt.gz", Gzip(bytes));
        Assert.Contains($"at byte {place};", Refused("b.txt.gz"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.txt.gz")]
    [InlineData("a.zip")]
    [InlineData("a.tar.gz")]
    [InlineData("a.tar")]
    [InlineData("a.parquet")]
    public async Task An_archive_cut_short_or_altered_is_never_taken_for_a_whole_one(string name)
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i * 7919L % 10007}\n\n")));
        var whole = name switch
        {
            "a.txt.gz" => Gzip(text),
            "a.zip" => Zip("x.txt", text),
            "a.tar.gz" => Gzip(Tar("x.txt", text)),
            "a.tar" => Tar("x.txt", text),
            _ => await Content(name),
        };
        Save(name, whole);
        Assert.NotEmpty(Read(name));
        foreach (var length in (int[])[whole.Length / 3, whole.Length / 2, whole.Length - 3])
        {
            if (name == "a.tar" && length == whole.Length - 3) continue; // only padding
            Save(name, whole[..length]);
            Assert.Contains("damaged", Refused(name), StringComparison.Ordinal);
        }
    }

    public void Dispose() => folder.Dispose();

    private string[] Read(string name) => [.. DataFiles.Located(new Corpus([name]), folder.Path).Documents()];

    private string Refused(string name) => Assert.Throws<InputException>(() => Read(name)).Message;

    private string Save(string name, byte[] content)
    {
        var path = folder.File(name, "");
        File.WriteAllBytes(path, content);
        return path;
    }

    private static async Task<byte[]> Content(string name) => Path.GetFileName(name) switch
    {
        "a.txt" => Encoding.UTF8.GetBytes("\ufeff" + string.Join("\r\n\r\n", Three.Select(text => text.Replace("\n", "\r\n", StringComparison.Ordinal)))),
        "a.jsonl" or "wiki_01" => Encoding.UTF8.GetBytes(string.Concat(Three.Select((text, i) => System.Text.Json.JsonSerializer.Serialize(new { id = i, text }) + "\n"))),
        "a.csv" => Encoding.UTF8.GetBytes("id,text\n" + string.Concat(Three.Select((text, i) => $"{i},\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\n"))),
        "wiki_00" => Encoding.UTF8.GetBytes("<doc id=\"0\" title=\"Empty\">\nEmpty\n\n</doc>\n" + string.Concat(Three.Select((text, i) => $"<doc id=\"{i}\" url=\"\" title=\"T\">\nT\n\n{text}\n</doc>\n"))),
        _ => await Parquet(),
    };

    private static async Task<byte[]> Parquet()
    {
        using var bytes = new MemoryStream();
        var schema = new ParquetSchema(new DataField<int>("id"), new DataField<string>("text"));
        await using (var writer = await ParquetWriter.CreateAsync(schema, bytes))
        {
            foreach (var rows in Three.Append(null).Chunk(2))
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync<int>(schema.DataFields[0], new int[rows.Length]);
                await group.WriteAsync(schema.DataFields[1], rows!);
            }
        }

        return bytes.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest)) gzip.Write(content);
        return bytes.ToArray();
    }

    private static byte[] Tar(string name, byte[] content)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "LICENSE.md") { DataStream = new MemoryStream("not this"u8.ToArray()) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "text/" + name) { DataStream = new MemoryStream(content) });
        }

        return bytes.ToArray();
    }

    private static byte[] Zip(string name, byte[] content)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            foreach (var (entry, data) in (ReadOnlySpan<(string, byte[])>)[("__MACOSX/._x.txt", "not this"u8.ToArray()), (name, content)])
            {
                using var stream = zip.CreateEntry(entry).Open();
                stream.Write(data);
            }
        }

        return bytes.ToArray();
    }
}
