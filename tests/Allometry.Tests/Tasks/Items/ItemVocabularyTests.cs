using Allometry.Kinds;
using Allometry.Tasks.Items;
using Allometry.Tests.Store;
using Allometry.Text;

namespace Allometry.Tests.Tasks.Items;

public sealed class ItemVocabularyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Items_are_numbered_as_they_first_appear_behind_the_special_ids()
    {
        var tokenizer = Load("1 b a\n2 a c b\n");
        Assert.Equal([3, 4, 4, 5], tokenizer.Encode("b a a c"));
        Assert.Equal((6, 1, 6, 32), (tokenizer.Pieces, tokenizer.Sentinels, tokenizer.Sentinel(0), tokenizer.Size));
        Assert.Equal(7, Assert.Single(tokenizer.Encode(ItemVocabulary.TaskToken)));
        Assert.Equal("b c [TCL]", tokenizer.Decode([3, 0, 5, 7]));
    }

    [Fact]
    public void An_item_that_is_not_known_reads_as_the_unknown_token()
    {
        var tokenizer = Load("1 b a\n");
        Assert.Equal([4, Tokenizer.Unknown], tokenizer.EncodePlain("a nobody-met-it"));
        Assert.Equal("a <unk>", tokenizer.Decode([4, Tokenizer.Unknown]));
        Assert.Empty(tokenizer.EncodePlain(""));
    }

    [Fact]
    public void A_saved_vocabulary_is_the_same_without_the_data_that_it_was_made_of()
    {
        var tokenizer = Load("1 b a\n2 a c b\n");
        tokenizer.Save(folder.Path);
        File.Delete(Path.Combine(folder.Path, "users.txt"));
        var kept = Allometry.Experiments.DataFiles.Located(Reader.ReadFile<Vocabulary>(Path.Combine(folder.Path, "vocabulary.json")), folder.Path).Load(folder.Path);
        Assert.Equal((tokenizer.Identity, tokenizer.Size), (kept.Identity, kept.Size));
        Assert.Equal(tokenizer.Encode("c b a [TCL]"), kept.Encode("c b a [TCL]"));
    }

    private Tokenizer Load(string users) => new ItemVocabulary(new(folder.File("users.txt", users))) { Added = [ItemVocabulary.TaskToken] }.Load(folder.Path);
}
