using System.Text.Json.Nodes;
using Allometry.Tasks;
using Allometry.Tasks.Metrics;
using Allometry.Tests.Golden;

namespace Allometry.Tests.Tasks;

public sealed class BleuTests
{
    private static readonly JsonNode Golden = JsonNode.Parse(File.ReadAllText(Path.Combine(Goldens.Folder, "metrics.json")))!["bleu"]!;

    [Fact]
    public void A_corpus_scores_as_sacrebleu_says() =>
        Assert.Equal(Golden["corpus_bleu_13a_exp"]!.GetValue<double>() / 100, new Bleu().Score(Texts("predictions"), Texts("references")), 1e-8);

    // Worked with sacrebleu 2 (corpus_bleu, defaults), in percent.
    [Theory]
    [InlineData("the cat sat on the mat", "the cat sat on the mat", 100)]
    [InlineData("a b c d e", "a b c x e", 42.72870063962341)]
    [InlineData("it costs 1,000.50 dollars - not 3-4.", "it costs 1,000.50 dollars, not 3-4.", 65.80370064762461)]
    [InlineData("say &quot;no&quot; &amp; go", "say \"no\" & go", 100)]
    [InlineData("only three words", "only three words", 0)]
    [InlineData("no match at all here", "something else entirely different now", 0)]
    [InlineData("", "something", 0)]
    public void One_pair_scores_as_sacrebleu_says(string prediction, string reference, double percent) =>
        Assert.Equal(percent, 100 * new Bleu().Score([prediction], [reference]), 1e-9);

    [Fact]
    public void Of_several_references_every_match_and_the_nearest_length_count() =>
        Assert.Equal(100, 100 * new Bleu().Score(new Answers(["the cat is on the mat"], [["the cat is on", "there is a cat on the mat", "the cat is on the mat"]])), 1e-9);

    [Fact]
    public void Nothing_scores_nothing() => Assert.Equal(0, new Bleu().Score([], []));

    private static string[] Texts(string member) => [.. Golden[member]!.AsArray().Select(item => item!.GetValue<string>())];
}
