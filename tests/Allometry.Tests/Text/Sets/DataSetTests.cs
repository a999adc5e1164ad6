using System.Security.Cryptography;
using System.Text;
using Allometry.Experiments;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Tasks;
using Allometry.Text.Sets;

namespace Allometry.Tests.Text.Sets;

public sealed class DataSetTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sets").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_set_is_present_when_every_file_has_its_checksum()
    {
        var set = Set(("a/one.csv", "one"), ("a/two.csv", null));
        Assert.Equal(DataSetState.Absent, set.StateIn(root));
        Write("a/one.csv", "one");
        Assert.Equal(DataSetState.Incomplete, set.StateIn(root));
        Write("a/two.csv", "whatever: its checksum is not known");
        Assert.Equal(DataSetState.Present, set.StateIn(root));
        Write("a/one.csv", "on");
        Assert.Equal((DataSetState.Different, FileState.Different, FileState.Present), (set.StateIn(root), set.StateOf("a/one.csv", root), set.StateOf("a/two.csv", root)));
    }

    [Theory]
    [InlineData("copy/a/b/one.csv")]
    [InlineData("copy/b/one.csv")]
    [InlineData("copy/one.csv")]
    public void A_copy_is_imported_from_wherever_it_lies(string from)
    {
        Write(from, "one");
        var set = Set(("a/b/one.csv", "one"), ("a/b/two.csv", "two"));
        Assert.Equal(["a/b/one.csv"], set.Import(Path.Combine(root, "copy"), Path.Combine(root, "data")));
        Assert.Equal("one", File.ReadAllText(Path.Combine(root, "data", "a", "b", "one.csv")));
        Assert.Equal(DataSetState.Incomplete, set.StateIn(Path.Combine(root, "data")));
    }

    [Fact]
    public void Another_file_of_the_same_name_is_refused_and_nothing_is_copied()
    {
        Write("copy/one.csv", "one");
        Write("copy/two.csv", "tw");
        var refused = Assert.Throws<InputException>(() => Set(("a/one.csv", "one"), ("a/two.csv", "two")).Import(Path.Combine(root, "copy"), Path.Combine(root, "data")));
        Assert.Contains("is not the file that 'set' means", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(root, "data")));
    }

    [Fact]
    public void A_folder_without_the_files_is_told_what_it_should_hold()
    {
        Write("copy/other.csv", "");
        Assert.Contains("it should hold one.csv", Assert.Throws<InputException>(() => Set(("a/one.csv", "one")).Import(Path.Combine(root, "copy"), root)).Message, StringComparison.Ordinal);
        Assert.Contains("is no folder", Assert.Throws<InputException>(() => Set(("a/one.csv", "one")).Import(Path.Combine(root, "none"), root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_known_set_has_checksums_in_form_or_says_that_they_are_unknown() =>
        Assert.All(DataSet.All(), set => Assert.All(set.Files, file =>
        {
            Assert.True(file.Value == "unknown" || (file.Value.Length == 64 && file.Value.All(char.IsAsciiHexDigitLower)), file.Key);
            Assert.StartsWith("https://", set.Origin, StringComparison.Ordinal);
        }));

    [Fact]
    public void Every_file_that_a_ready_task_reads_is_of_a_known_set()
    {
        var known = DataSet.All().SelectMany(set => set.Files.Keys).ToHashSet();
        foreach (var entry in Catalogue.Of(typeof(TextTask)).Where(entry => entry.IsPreset))
        {
            var files = DataFiles.In(Reader.Read<TextTask>(entry.Name, "recipe.yaml")).Where(DataFolder.Holds).Select(file => file[(DataFolder.Variable.Length + 2)..]);
            Assert.All(files, file => Assert.True(known.Contains(file) || known.Any(archive => file.StartsWith($"{archive}/", StringComparison.Ordinal)), $"{entry.Name}: {file}"));
        }
    }

    [Fact]
    public void A_mistyped_set_is_corrected() =>
        Assert.Contains("did you mean 'samsum'?", Assert.Throws<InputException>(() => DataSet.Named("samsun")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_users_copies_are_the_files_that_are_meant()
    {
        Assert.SkipUnless(Directory.Exists(DataFolder.Root), $"There is no data folder: set {DataFolder.Variable}.");
        foreach (var set in DataSet.All()) Assert.True(set.StateIn(DataFolder.Root) != DataSetState.Different, set.Name);
    }

    private DataSet Set(params (string File, string? Content)[] files) => new("set", "CC0", true, "https://example.org",
        files.ToDictionary(file => file.File, file => file.Content is null ? "unknown" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Content)))));

    private void Write(string file, string content)
    {
        var path = Path.Combine(root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
