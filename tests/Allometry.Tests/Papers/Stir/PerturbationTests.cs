using Allometry.Kinds;
using Allometry.Papers.Stir;
using Allometry.Tasks;
using Allometry.Text;
using CsCheck;

namespace Allometry.Tests.Papers.Stir;

/// <summary>The eight perturbations against the published code's own outputs (papers/robustness.md, section 3).</summary>
public class PerturbationTests
{
    private static readonly RandomStream Any = RandomStream.For(1, "test");

    [Theory]
    [InlineData("no-first", "The old sailor told us a story.", "old sailor told us a story.")]
    [InlineData("no-first", "Stop", "Stop")]
    [InlineData("no-first", "", "")]
    [InlineData("{ kind: no-first, clean: true }", " Stop  it now ", " it now")]
    [InlineData("no-last", "The old sailor told us a story.", "The old sailor told us a.")]
    [InlineData("no-last", "no period here", "no periode")]
    [InlineData("no-last", "Stop", "Stopp")]
    [InlineData("no-last", "it works fine . ", "it works fine . ")]
    [InlineData("no-last", "", "")]
    [InlineData("{ kind: no-last, clean: true }", "it works fine . ", "it works.")]
    [InlineData("{ kind: no-last, clean: true }", "no period here", "no period")]
    [InlineData("{ kind: no-last, clean: true }", "Stop!", "Stop!")]
    [InlineData("bias", "She told her son that he was late", "He told him daughter that she was late ")]
    [InlineData("bias", "The king met Mr Brown and his aunt .", "The queen met Ms Brown and her uncle . ")]
    [InlineData("bias", "Is it he. Mr. Brown  says", "Is it he. Mr. Brown  says ")]
    [InlineData("{ kind: bias, clean: true }", "Is it he. Mr. Brown  says", "Is it she. Ms. Brown  says")]
    [InlineData("add-text", "one two three four five six seven eight nine", "one two three four five six seven eight nine")]
    [InlineData("swap-text", "Stop", "Stop")]
    [InlineData("{ kind: change-char, probability: 0 }", "a cat", "a cat")]
    public void Each_does_what_the_published_code_does(string perturbation, string text, string expected) => Assert.Equal(expected, Reader.Read<Perturbation>(perturbation, "test").Apply(text, Any));

    [Fact]
    public void Tagged_words_are_dropped_by_their_tags()
    {
        (string, string)[] tagged = [("The", "DT"), ("old", "JJ"), ("sailor", "NN"), ("told", "VBD"), ("us", "PRP"), ("a", "DT"), ("long", "JJ"), ("story", "NN"), (".", ".")];
        Assert.Equal("The old told us a long .", new NoNouns().Keep(tagged));
        Assert.Equal("The old sailor us a long story .", new NoVerbs().Keep(tagged));
        Assert.Equal("Falls can", new NoNouns().Keep([("Falls", "NNPS"), ("can", "MD"), ("Iguazu", "NNP"), ("years", "NNS")]));
        Assert.Equal("can", new NoNouns { Clean = true }.Keep([("Falls", "NNPS"), ("can", "MD")]));
        Assert.Equal("he can", new NoVerbs().Keep([("he", "PRP"), ("can", "MD"), ("go", "VB"), ("is", "VBZ"), ("has", "VBP"), ("gone", "VBN"), ("going", "VBG")]));
        Assert.Equal("", new NoNouns().Keep([("Rain", "NN")]));
    }

    [Fact]
    public void Swapped_words_change_places_and_no_others()
    {
        Assert.Equal("The story sailor told us a long old .", SwapText.Swapped(Words.Of("The old sailor told us a long story."), 1, 7));
        Gen.Int[1, 500].Sample(seed =>
        {
            var words = new SwapText().Apply("a b c d e f", RandomStream.For(seed, "test")).Split(' ');
            Assert.Equal(2, words.Zip("abcdef").Count(pair => pair.First != pair.Second.ToString()));
            Assert.Equal("abcdef", string.Concat(words.Order(StringComparer.Ordinal)));
        }, threads: 1);
    }

    [Theory, InlineData(9, 0), InlineData(19, 1), InlineData(30, 3)]
    public void A_word_for_each_ten_is_added_and_never_at_the_end(int words, int added) => Gen.Int[1, 200].Sample(seed =>
    {
        var text = string.Join(' ', Enumerable.Range(0, words).Select(i => $"w{i}"));
        var changed = new AddText().Apply(text, RandomStream.For(seed, "test")).Split(' ');
        Assert.Equal(words + added, changed.Length);
        Assert.Equal(text, string.Join(' ', changed.Where(word => word[0] == 'w' && char.IsAsciiDigit(word[^1]))));
        Assert.Equal($"w{words - 1}", changed[^1]);
    }, threads: 1);

    [Fact]
    public void A_tenth_of_the_characters_changes_to_letters_alone()
    {
        var text = string.Concat(Enumerable.Repeat("1234567890", 2000));
        var changed = new ChangeChar().Apply(text, Any);
        Assert.Equal(text.Length, changed.Length);
        var letters = changed.Where(char.IsAsciiLetter).ToList();
        Assert.InRange(letters.Count, 1850, 2150); // 2,000 with a deviation of 42
        Assert.Equal(52, letters.Distinct().Count());
        Assert.All(text.Zip(changed), pair => Assert.True(pair.First == pair.Second || char.IsAsciiLetter(pair.Second)));
    }

    [Fact]
    public void The_same_row_is_changed_the_same_way_and_another_or_another_seed_otherwise()
    {
        var reword = new ChangeChar().Of(5);
        var text = "an old sailor told us a long story of the sea";
        Assert.Equal(reword(text, Split.Test, 3, "text"), new ChangeChar().Of(5)(text, Split.Test, 3, "text"));
        Assert.Equal(4, new[] { reword(text, Split.Test, 3, "text"), reword(text, Split.Test, 4, "text"), reword(text, Split.Test, 3, "other"), new ChangeChar().Of(6)(text, Split.Test, 3, "text") }.Distinct().Count());
    }

    [Theory]
    [InlineData("I didn't know, he said.", "I|did|n't|know|,|he|said|.")]
    [InlineData("He said \"go\" (now)!", "He|said|``|go|''|(|now|)|!")]
    [InlineData("It's 3,000 at 5:30... isn't it? We cannot stay", "It|'s|3,000|at|5:30|...|is|n't|it|?|We|can|not|stay")]
    [InlineData("Mr. Brown left. The U.S. army stayed.", "Mr.|Brown|left|.|The|U.S.|army|stayed|.")]
    [InlineData("  ", "")]
    public void Words_are_split_as_in_the_treebank(string text, string expected) => Assert.Equal(expected, string.Join('|', Words.Of(text)));

    [Fact]
    public void Every_kind_takes_any_text_and_gives_no_more_than_a_text()
    {
        Perturbation[] all = [.. Catalogue.Of(typeof(Perturbation)).Select(entry => (Perturbation)entry.Default()).Where(kind => kind is not Dropped)];
        Assert.Equal(6, all.Length);
        Gen.String.Sample(text =>
        {
            foreach (var kind in all) Assert.NotNull(kind.Apply(text, RandomStream.For(1, "test")));
        }, threads: 1);
    }
}
