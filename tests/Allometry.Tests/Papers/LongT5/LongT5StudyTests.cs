using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Papers.LongT5;
using Allometry.Tests.Experiments;
using Allometry.Tests.Store;
using Allometry.Text;
using Allometry.Training;

namespace Allometry.Tests.Papers.LongT5;

/// <summary>What stands in the way of a study is told before anything runs, all at once.</summary>
public sealed class LongT5StudyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_radius_and_a_block_beyond_the_text_are_told_of_every_layer_once()
    {
        var problems = Problems(new TransientGlobalAttention { Radius = 127, BlockSize = 100 }, inputLength: 64);
        Assert.Equal(2, problems.Count);
        Assert.Contains(problems, problem => problem.Where.Contains("input-length", StringComparison.Ordinal) && problem.What.Contains("radius of 127 covers all of a text of 64", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.What.Contains("block of 100", StringComparison.Ordinal));
    }

    [Theory, InlineData(63, 64), InlineData(1, 1)]
    public void A_window_within_the_text_is_sound(int radius, int block) => Assert.Empty(Problems(new TransientGlobalAttention { Radius = radius, BlockSize = block }, inputLength: 64));

    [Fact]
    public void An_attention_in_the_wrong_stack_is_told_with_what_else_is_wrong()
    {
        var problems = Problems(new EncoderDecoder { Attention = new LocalAttention() }, new BytesVocabulary(1), inputLength: 64);
        Assert.Contains(problems, problem => problem.What.Contains("both sides", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.What.Contains("sentinels", StringComparison.Ordinal));
    }

    [Fact]
    public void Gap_sentences_and_span_corruption_are_mixed_by_a_preset()
    {
        var parts = Reader.Read<Objective>("long-t5", "test").Parts;
        Assert.Equal([(0.5, (Objective)new GapSentences()), (0.5, new SpanCorruption())], parts.Select(part => (part.Share, part.Objective)));
        Assert.Equal(910, parts.Max(part => part.Objective.Lengths(4096).Targets));
    }

    private IReadOnlyList<Problem> Problems(Attention attention, int inputLength) =>
        Problems(new EncoderDecoder { Encoder = Stack.Of(new SelfAttention(attention), new FeedForwardSublayer()) }, new BytesVocabulary(), inputLength);

    private IReadOnlyList<Problem> Problems(Architecture architecture, Vocabulary vocabulary, int inputLength)
    {
        var stage = new PretrainStage(new SpanCorruption(), new Budget(Steps: 1), InputLength: inputLength);
        var recipe = Small.Recipe([stage], [Small.Shape("a"), Small.Shape("b", 48)]) with { Architecture = architecture, Vocabulary = vocabulary, Corpus = new Corpus([folder.File("text.txt", "Some text.")]) };
        return Materials.Tried(() => Small.Materials(recipe, folder.Path));
    }
}
