using System.Text;
using Allometry.Kinds;

namespace Allometry.Tests.Kinds;

public sealed class YamlTextTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("allometry-yaml-").FullName;

    static YamlTextTests() => Catalogue.Add(typeof(Farm).Assembly);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Aliases_and_merge_keys_stand_for_what_they_name()
    {
        var farm = Reader.Read<Farm>("""
            title: &name Home
            stock: &stock { hay: 1, oats: 2 }
            burrow: { depth: 1 }
            beasts:
              - &fast { kind: hare, speed: 30 }
              - *fast
              - { <<: *fast, fur: snow-white }
              - { <<: [{ kind: tortoise }, { kind: hare, age: 7 }], name: *name }
            """, "farm.yaml");

        Assert.Equal([new Hare(30), new Hare(30), new Hare(30, Fur.SnowWhite), new Tortoise(7, new Hare(3), "Home")], farm.Beasts);
    }

    [Theory]
    [InlineData("", "farm.yaml: the file is empty; write at least one member")]
    [InlineData("# only a comment\n", "the file is empty")]
    [InlineData("---\n...\n", "farm must not be null")]
    [InlineData("title: a\ntitle: b\nbeasts: []\n", "2:1: 'title' is given twice; keep one of them")]
    [InlineData("title: a\nbeasts:\n\t- hare\n", "3:1: a tab indents this line; indent with spaces")]
    [InlineData("title: a\u0000\nbeasts: []\n", "1:9: control character U+0000; remove it")]
    [InlineData("title: a\nbeasts: []\n---\ntitle: b\n", "3:1: a second document begins")]
    [InlineData("title: a\nbeasts: [hare\n", "3:1: ")]
    [InlineData("title: *nam\nbeasts: []\nstock: { a: &name 3 }", "1:8: the anchor 'nam' is not defined before this")]
    [InlineData("title: x\nbeasts: &loop [*loop]", "2:16: the anchor 'loop' is not defined before this")]
    [InlineData("title: !!int 3\nbeasts: []", "1:8: the tag 'tag:yaml.org,2002:int' means nothing here")]
    [InlineData("? [a]\n: b\n", "1:3: a key must be a word")]
    [InlineData("<<: 3\n", "1:5: '<<' merges maps only")]
    [InlineData("- a\n", "1:1: farm should be a farm but is a list; write a map of title, beasts, stock, burrow, open, acres, tags")]
    public void Text_that_is_not_one_plain_document_is_refused_with_its_place(string yaml, string expected)
    {
        var e = Assert.Throws<InputException>(() => Reader.Read<Farm>(yaml, "farm.yaml"));

        Assert.Contains(expected, e.Message);
        Assert.StartsWith("farm.yaml", e.Message);
    }

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Assert.Contains("nested deeper than 64 levels", Assert.Throws<InputException>(() => Reader.Read<Farm>(new string('[', 100_000), "f")).Message);

    [Fact]
    public void Aliases_that_multiply_are_refused()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 20; i++) bomb.AppendLine($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]");

        Assert.Contains("too large once its aliases are written out", Assert.Throws<InputException>(() => Reader.Read<Farm>(bomb.ToString(), "f")).Message);
    }

    [Fact]
    public void A_file_is_read_with_or_without_byte_order_mark()
    {
        var path = Path.Combine(folder, "farm.yaml");
        File.WriteAllText(path, "title: é\nbeasts: []\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        Assert.Equal("é", Reader.ReadFile<Farm>(path).Title);
    }

    [Fact]
    public void A_file_that_is_absent_or_a_folder_or_not_UTF8_is_told_as_such()
    {
        var latin = Path.Combine(folder, "latin.yaml");
        File.WriteAllBytes(latin, "title: \xE9\n"u8[..7].ToArray().Append((byte)0xE9).ToArray());
        string Message(string path) => Assert.Throws<InputException>(() => Reader.ReadFile<Farm>(path)).Message;

        Assert.Equal($"{folder}/no.yaml: there is no such file; check the path", Message(Path.Combine(folder, "no.yaml")));
        Assert.StartsWith($"{folder}: cannot be read", Message(folder));
        Assert.Equal($"{latin}: not UTF-8 at byte 7; save it as UTF-8", Message(latin));
    }
}
