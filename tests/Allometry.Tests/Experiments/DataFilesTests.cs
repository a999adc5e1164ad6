using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tests.Experiments;

public class DataFilesTests
{
    private sealed record Inner([DataFile] string Path, string Other);

    private sealed record Outer([DataFile] IReadOnlyList<string> Files, IReadOnlyList<Inner> Items, Inner? Missing = null, int Number = 3)
    {
        public string Extra { get; init; } = "";
    }

    private static readonly Outer Description = new(["a", "b"], [new("c", "no path"), new("d", "no path either")]) { Extra = "kept" };

    [Fact]
    public void Only_marked_texts_are_files_at_any_depth() => Assert.Equal(["a", "b", "c", "d"], DataFiles.In(Description));

    [Fact]
    public void Changing_paths_leaves_everything_else_and_the_original_as_they_are()
    {
        var changed = DataFiles.Select(Description, path => "/" + path);

        Assert.Equal(["/a", "/b"], changed.Files);
        Assert.Equal([new("/c", "no path"), new("/d", "no path either")], changed.Items);
        Assert.Equal((3, "kept", null), (changed.Number, changed.Extra, changed.Missing));
        Assert.Equal(["a", "b"], Description.Files);
    }

    [Fact]
    public void The_files_of_a_corpus_and_of_a_vocabulary_are_known() =>
        Assert.Equal(["x.txt", "spiece.model"], DataFiles.In(new object[] { new Corpus(["x.txt"]), new SentencePieceVocabulary("spiece.model") }));
}
