using Allometry.Kinds;

namespace Allometry.Tests.Kinds;

public class SuggestionTests
{
    [Theory]
    [InlineData("densty", "density")]
    [InlineData("mena-span", "mean-span")]
    [InlineData("Mean_Span", "mean-span")]
    [InlineData("meanSpan", "mean-span")]
    [InlineData("temperature", null)]
    [InlineData("", null)]
    public void Nearest_is_the_word_within_a_third_of_the_length(string word, string? expected) =>
        Assert.Equal(expected, Suggestion.Nearest(word, ["mean-span", "density"]));

    [Fact]
    public void Among_equally_near_words_the_ordinally_first_is_suggested() =>
        Assert.Equal("relu", Suggestion.Nearest("rel", ["relv", "relu"]));
}
