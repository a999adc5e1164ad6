using Allometry.Files;
using Allometry.Kinds;
using Allometry.Papers.Stir;

namespace Allometry.Tests.Papers.Stir;

public class TaggerTests
{
    [Fact]
    public void It_learns_what_neighbours_say_of_a_word()
    {
        TaggedWord[] Sentence(string text) => [.. text.Split(' ').Select(word => word.Split('/')).Select(parts => new TaggedWord(parts[0], parts[1]))];
        var tagger = Tagger.Learn([Sentence("the/DT run/NN ends/VBZ"), Sentence("they/PRP run/VBP"), Sentence("the/DT walk/NN ends/VBZ"), Sentence("they/PRP walk/VBP")]);
        Assert.Equal(["DT", "NN", "VBZ"], tagger.Tag(["the", "run", "ends"]).Select(word => word.Tag));
        Assert.Equal(["PRP", "VBP"], tagger.Tag(["they", "walk"]).Select(word => word.Tag));
        Assert.Empty(tagger.Tag([]));
    }

    [Fact]
    public void A_file_that_is_missing_or_no_list_of_tagged_words_is_told()
    {
        Assert.Contains("no such file", Assert.Throws<InputException>(() => Tagger.Read("nowhere.tsv")).Message, StringComparison.Ordinal);
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "a\tDT\nb\n");
        Assert.Contains(":2", Assert.Throws<InputException>(() => Tagger.Read(path)).Message, StringComparison.Ordinal);
        File.Delete(path);
    }

    /// <summary>A quarter of the corpus and two epochs, so that the test is quick: all of it gives each word its commonest tag with 83.8 % right. The paper's README has the figure for the whole.</summary>
    [Fact]
    public void On_english_web_text_it_is_far_better_than_the_commonest_tag_of_each_word()
    {
        var folder = Path.Combine(DataFolder.Root, "pos-ewt");
        Assert.SkipUnless(Directory.Exists(folder), "pos-ewt is not there");
        var all = Environment.GetEnvironmentVariable("ALLOMETRY_WHOLE_TAGGER") is { Length: > 0 };
        var train = Tagger.Read(Path.Combine(folder, "train.tsv"));
        var tagger = all ? Tagger.Learn(train) : Tagger.Learn([.. train.Take(3000)], epochs: 2);
        var words = Tagger.Read(Path.Combine(folder, "test.tsv")).SelectMany(sentence => sentence.Zip(tagger.Tag([.. sentence.Select(word => word.Text)]), (word, tagged) => (Right: word.Tag, Found: tagged.Tag))).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"{(double)words.Count(word => word.Right == word.Found) / words.Count:0.0000}; {string.Join(", ", Facts(words, "NN", "NNP", "NNS"))}; {string.Join(", ", Facts(words, "VB", "VBD", "VBG", "VBN", "VBP", "VBZ"))}");
        Assert.InRange((double)words.Count(word => word.Right == word.Found) / words.Count, all ? 0.93 : 0.86, 1);
    }

    private static IEnumerable<string> Facts(List<(string Right, string Found)> words, params string[] tags)
    {
        double found = words.Count(word => tags.Contains(word.Found)), right = words.Count(word => tags.Contains(word.Right)), both = words.Count(word => tags.Contains(word.Found) && tags.Contains(word.Right));
        yield return $"precision {both / found:0.000}";
        yield return $"recall {both / right:0.000}";
    }
}
