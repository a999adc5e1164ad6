using System.Text.Json.Nodes;
using Allometry.Generation;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Golden;

/// <summary>What Hugging Face's generate wrote, greedily and by beam search.</summary>
public class GenerationTests
{
    public static TheoryData<string> Cases => HuggingFaceCase.Models;

    [Theory, MemberData(nameof(Cases))]
    public void Greedy_answers_are_the_references(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = Open(name, out var facts);
        Assert.Equal(Answers(golden.Read("greedy")), Write(new GreedyDecoding(), golden, facts).Select(written => Shown(written.Tokens)));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Beam_answers_and_their_scores_are_the_references(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = Open(name, out var facts);
        var decoding = new BeamDecoding((int)facts["num_beams"]!, (double)facts["length_penalty"]!, (bool)facts["early_stopping"]!);
        var written = Write(decoding, golden, facts);
        Assert.Equal(Answers(golden.Read("beams")), written.Select(answer => Shown(answer.Tokens)));
        foreach (var (expected, answer) in golden.Read("beam_scores").data<float>().ToArray().Zip(written))
            Assert.Equal(expected, answer.Score!.Value, 1e-4);
    }

    private static HuggingFaceCase Open(string name, out JsonNode facts)
    {
        Assert.SkipWhen(name == "none", "there are no such cases");
        var golden = new HuggingFaceCase(name);
        facts = golden.Facts["generation"]!;
        if (facts is null) golden.Dispose();
        Assert.SkipWhen(facts is null, "nothing was generated in this case");
        return golden;
    }

    private static IReadOnlyList<Written> Write(Decoding decoding, HuggingFaceCase golden, JsonNode facts) =>
        (decoding with { MaxNewTokens = (int)facts["max_new_tokens"]! }).Write(golden.Model, golden.Read("input_ids"), golden.Read("attention_mask").to(@bool));

    /// <summary>Rows without the start token and what fills them up behind the end token: Hugging Face takes the pad id after greedy decoding, the end id after beam search.</summary>
    private static IEnumerable<string> Answers(Tensor rows) =>
        Enumerable.Range(0, (int)rows.size(0)).Select(row => rows[row].data<long>().Skip(1).ToList()).Select(ids => Shown(ids[..(ids.IndexOf(LanguageModel.End) is >= 0 and var end ? end + 1 : ids.Count)]));

    private static string Shown(IEnumerable<long> ids) => string.Join(' ', ids);
}
