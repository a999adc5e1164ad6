using Allometry.Kinds;
using Allometry.Papers.Bert;
using Allometry.Text;

namespace Allometry.Tests.Papers.Bert;

public sealed class MaskedLanguageModelTests
{
    private static readonly Tokenizer Bytes = new BytesVocabulary().Load("");

    [Fact]
    public void Fifteen_in_a_hundred_are_asked_for_and_eight_in_ten_of_them_are_masked()
    {
        var (asked, masked, kept, replaced) = (0, 0, 0, 0);
        int[] text = [.. Enumerable.Range(0, 400).Select(i => 10 + (i % 200))];
        for (var seed = 0; seed < 100; seed++)
        {
            var example = new MaskedLanguageModel().Make(text, Bytes, RandomStream.For(1, "mask", seed));
            Assert.Equal((400, 400, 60), (example.Inputs.Length, example.Targets.Length, example.Targets.Count(target => target != Tokenizer.Pad)));
            foreach (var (i, target) in example.Targets.Index())
            {
                if (target == Tokenizer.Pad) { Assert.Equal(text[i], example.Inputs[i]); continue; }
                Assert.Equal(text[i], target);
                asked++;
                if (example.Inputs[i] == Bytes.Sentinel(0)) masked++;
                else if (example.Inputs[i] == text[i]) kept++;
                else replaced++;
                Assert.True(example.Inputs[i] == Bytes.Sentinel(0) || example.Inputs[i] is > Tokenizer.Unknown && example.Inputs[i] < Bytes.Pieces);
            }
        }
        // Of 6,000: five standard deviations. One replacement in 256 is the token itself.
        Assert.InRange(masked / (double)asked, 0.8 - 0.026, 0.8 + 0.026);
        Assert.InRange(kept / (double)asked, 0.1 - 0.02, 0.1 + 0.02);
        Assert.InRange(replaced / (double)asked, 0.1 - 0.02, 0.1 + 0.02);
    }

    [Fact]
    public void Of_the_shortest_text_one_token_is_asked_for() =>
        Assert.Single(new MaskedLanguageModel().Make([7, 8, 9], Bytes, RandomStream.For(1, "mask", 0)).Targets, target => target != Tokenizer.Pad);

    [Fact]
    public void Shares_beyond_the_whole_are_refused() =>
        Assert.Throws<InputException>(() => Reader.Read<Allometry.Objectives.Objective>("{ kind: masked-language-model, masked: 0.9, replaced: 0.2 }", "objective"));
}
