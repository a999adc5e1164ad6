using System.IO.Compression;
using System.Text;

namespace Allometry.EndToEnd.Tests;

/// <summary>What is wrong with the input is told in sentences before anything is spent: exit code 1, nothing on standard output, nothing written.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Text = "/smoke/text.jsonl", Train = "/smoke/element/train.csv", Pieces = "{ kind: trimmed, from: DATA/vocabulary/t5/spiece.model, size: 512 }";

    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("cut.jsonl.gz", "cut short")]
    [InlineData("cut.zip", "cut short")]
    [InlineData("cut.parquet", "cut short")]
    [InlineData("latin.jsonl", "not UTF-8 at byte 29")]
    [InlineData("empty.jsonl", "holds no text")]
    [InlineData("short.txt", "do not fill one segment")]
    [InlineData("folder", "holds no file that can be read as text")]
    [InlineData("absent.jsonl", "does not exist")]
    public void A_corpus_that_cannot_be_learnt_from(string file, string what)
    {
        var path = Make(file);
        Refused(folder.Recipe((Data(Pieces), "bytes"), ("target-length: 8", "target-length: 16"), (Data("DATA" + Text), path)), path, what);
    }

    [Fact]
    public void A_vocabulary_that_is_cut_short()
    {
        var whole = File.ReadAllBytes(Data("DATA/vocabulary/t5/spiece.model"));
        var path = folder.At("cut.model");
        File.WriteAllBytes(path, whole[..(whole.Length / 3)]);
        Refused(folder.Recipe((Data("DATA/vocabulary/t5/spiece.model"), path)), path, "not a whole SentencePiece model");
    }

    [Fact]
    public void A_file_that_may_not_be_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "whoever runs this may read everything");
        var path = folder.Write("secret.txt", "text");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.None);
        Refused(folder.Recipe((Data("DATA" + Text), path)), path, "cannot be read");
    }

    [Fact]
    public void A_table_with_a_label_that_the_task_does_not_know() =>
        Refused(folder.Recipe(("property, result, exception", "property, result")), Train + ":4", "'exception', which is no label");

    [Fact]
    public void A_label_that_does_not_fit_the_target_length() =>
        Refused(folder.Recipe((Data(Pieces), "bytes")), "element", "more than a target-length of 8");

    [Fact]
    public void A_recipe_with_several_mistakes_tells_all_of_them()
    {
        var recipe = folder.Recipe(("input-length: 64\n    batch: 8", "input-lenth: 64\n    batch: 8"), ("heads: 3", "heads: many"));
        Refused(recipe, "recipe.yaml:13:5", "did you mean 'input-length'", "recipe.yaml:8:83", "an integer");
    }

    [Fact]
    public void A_shape_that_does_not_fit_the_memory() =>
        Refused(folder.Recipe(("model-width: 48", "model-width: 65536"), ("feed-forward-width: 96", "feed-forward-width: 262144")), "wide", "of memory and may have");

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("count", "tiny", "--frobnicate")]
    [InlineData("count", "tinny", "--json")]
    [InlineData("count", "tiny", "--batch", "many", "--json")]
    [InlineData("run", "absent.yaml", "--json")]
    [InlineData("plan", ".", "--json")]
    [InlineData("status", "absent", "--json")]
    [InlineData("report", "absent", "--json")]
    [InlineData("generate", "absent", "--text", "x", "--json")]
    [InlineData("evaluate", "absent", "--tasks", "absent.yaml", "--json")]
    public void A_command_that_makes_no_sense(params string[] arguments) => Refused(AllometryProcess.Run(folder.Path, arguments));

    private void Refused(string recipe, params string[] words)
    {
        var ended = AllometryProcess.Run(folder.Path, "run", recipe, "--json");
        Refused(ended);
        Assert.All(words, word => Assert.Contains(word, ended.Error, StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder.At(".allometry")), "a store was made");
    }

    private static void Refused(Ended ended)
    {
        ended.HasEndedWith(1);
        Assert.Equal("", ended.Output);
        Assert.NotEqual("", ended.Error);
    }

    private string Make(string name)
    {
        var path = folder.At(name);
        if (name == "folder") Directory.CreateDirectory(path);
        else if (Content(name) is { } bytes) File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[]? Content(string name) => name switch
    {
        "cut.jsonl.gz" => Half(stream => new GZipStream(stream, CompressionLevel.Fastest), Corpus),
        "cut.zip" => HalfZip(),
        "cut.parquet" => [.. "PAR1"u8, .. Corpus[..2000]],
        "latin.jsonl" => [.. "{\"text\":\"whole\"}\n{\"text\":\"caf"u8, 0xE9, .. "\"}\n"u8],
        "empty.jsonl" => [],
        "short.txt" => Encoding.UTF8.GetBytes("A few words."),
        _ => null,
    };

    private static byte[] Corpus => File.ReadAllBytes(Data("DATA" + Text));

    private static byte[] Half(Func<Stream, Stream> pack, byte[] content)
    {
        var packed = new MemoryStream();
        using (var stream = pack(packed)) stream.Write(content);
        return packed.ToArray()[..(int)(packed.ToArray().Length / 2)];
    }

    private static byte[] HalfZip()
    {
        var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = zip.CreateEntry("text.jsonl").Open()) entry.Write(Corpus);
        return packed.ToArray()[..(int)(packed.Length / 2)];
    }

    private static string Data(string text) => text.Replace("DATA", Path.Combine(AllometryProcess.Repository, "data"), StringComparison.Ordinal);
}
