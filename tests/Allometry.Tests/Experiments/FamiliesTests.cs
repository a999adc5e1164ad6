using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using Allometry.Tests.Store;
using Allometry.Text;
using static TorchSharp.torch;

namespace Allometry.Tests.Experiments;

/// <summary>An encoder, a decoder and an encoder-decoder in one recipe, each pre-trained in its own way and all asked the same.</summary>
public sealed class FamiliesTests : IDisposable
{
    private const string Yaml = """
        name: families
        architecture: encoder-decoder
        vocabulary: bytes
        corpus: { files: [text.txt], held-out: 0.2 }
        shapes:
          - { name: t5, model-width: 32, feed-forward-width: 64, head-width: 16, heads: 2, encoder-layers: 1, decoder-layers: 1 }
          - { name: bert, model-width: 32, feed-forward-width: 64, head-width: 16, heads: 2, encoder-layers: 2, decoder-layers: 0, architecture: bert }
          - { name: gpt-2, model-width: 32, feed-forward-width: 64, head-width: 16, heads: 2, encoder-layers: 0, decoder-layers: 2, architecture: gpt-2 }
        threads: 1
        protocol:
          - &pretrain { kind: pretrain, only: [t5], objective: span-corruption, input-length: 24, batch: 4, optimizer: adamw, learning-rate: 0.003, budget: { steps: 3 } }
          - { <<: *pretrain, only: [bert], objective: masked-language-model }
          - { <<: *pretrain, only: [gpt-2], objective: language-model }
          - kind: fine-tune
            budget: { steps: 150 }
            batch: 8
            optimizer: adamw
            learning-rate: 0.003
            tasks: { name: colour, files: { train: rows.csv, test: rows.csv }, prompt: "{text}", answer: { kind: label, column: colour, labels: [scarlet, blue], decide: rank }, metrics: [accuracy], input-length: 24, target-length: 10 }
          - { kind: similarity, examples: 20, stir: 0 }
          - { kind: robustness, draws: 1, resamples: 0, perturbations: [no-first] }
        """;

    private readonly TemporaryFolder folder = new();

    public FamiliesTests()
    {
        File.WriteAllLines(Path.Combine(folder.Path, "rows.csv"), Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? $"sky {i},blue" : $"a rose {i},scarlet").Prepend("text,colour"));
        File.WriteAllLines(Path.Combine(folder.Path, "text.txt"), Enumerable.Range(0, 60).Select(i => $"The rose of number {i} is as red as the sky of number {i * 7} is blue.\n"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_has_its_own_pretraining_and_learns_the_same_task()
    {
        var study = Small.Study(Reader.Read<Recipe>(Yaml, "families.yaml"), folder.Path);

        Assert.All(study.Runs, run => Assert.Equal(("done", ""), (run.State, run.Reason ?? "")));
        Assert.Equal(["t5", "bert", "gpt-2"], study.Shapes());
        Assert.All(study.Shapes(), shape => Assert.Equal(["pretrain", "fine-tune", "similarity", "robustness"], study.RunsOf(shape).Select(run => run.Stage)));
        Assert.All(study.Runs.Where(run => run.Stage == "fine-tune"), run => Assert.Equal(1, run.Results["colour/accuracy"]));
        Assert.All(study.Runs.Where(run => run.Stage == "robustness"), run => Assert.Equal(1, run.Results["clean/accuracy/score"]));
    }

    [Fact]
    public void Who_else_goes_through_a_stage_makes_no_other_run()
    {
        IEnumerable<string> Of(string yaml, string shape) => Reader.Read<Recipe>(yaml, "families.yaml").Plan().Runs.Where(run => run.Shape == shape).Select(run => run.Id);
        Assert.Equal(Of(Yaml, "t5"), Of(Yaml.Replace("only: [t5]", "only: [t5, gpt-2]", StringComparison.Ordinal), "t5"));
        Assert.Equal(Of(Yaml, "t5").Take(1), Of(Yaml.Replace("only: [t5], ", "", StringComparison.Ordinal), "t5").Take(1));
    }

    [Fact]
    public void A_stage_for_a_shape_that_is_not_there_and_a_task_that_wants_text_of_an_encoder_are_told()
    {
        Assert.Contains(Feasibility.Problems(Reader.Read<Recipe>(Yaml.Replace("only: [t5]", "only: [t6]", StringComparison.Ordinal), "families.yaml").Plan(), 1L << 40), problem => problem.What == "no shape is called 't6'" && problem.Mend.Contains("t5", StringComparison.Ordinal));
        var written = Reader.Read<Recipe>(Yaml.Replace("decide: rank", "decide: greedy", StringComparison.Ordinal), "families.yaml");
        Assert.Contains("'colour' is answered in text", Assert.Throws<InputException>(() => Small.Materials(written, folder.Path)).Message, StringComparison.Ordinal);
    }

    // Each candidate by itself: its tokens as targets at the open places, nothing asked of the text.
    [Fact]
    public void An_encoder_ranks_candidates_by_what_it_expects_at_the_open_places()
    {
        var tokens = new BytesVocabulary().Load(folder.Path);
        random.manual_seed(1);
        using var model = new EncoderOnly().Build(new(32, 64, 16, 2, 2, 0, tokens.Size));
        model.eval();
        int[][] labels = [[.. tokens.Encode("red"), Tokenizer.End], [.. tokens.Encode("b"), Tokenizer.End], [.. tokens.Encode("blue"), Tokenizer.End]];
        Example[] texts = [.. new[] { "a rose", "the sky above" }.Select(text => OpenPlaces.Before(new Example([.. tokens.Encode(text), Tokenizer.End], []), 5, tokens))];
        using var batch = Batch.Of(texts);
        using var candidates = Batch.Of([.. labels.Select(label => new Example(label, label))]);
        using var ranked = model.Rank(batch.Inputs, batch.InputMask, candidates.Targets);
        foreach (var (row, text) in texts.Index())
            foreach (var (column, label) in labels.Index())
            {
                using var alone = Batch.Of([text with { Targets = [.. label, .. new int[text.Inputs.Length - label.Length]] }]);
                using var score = model.Score(alone.Inputs, alone.InputMask, alone.Targets);
                Assert.Equal(score[0].item<float>(), ranked[row, column].item<float>(), 1e-4f);
            }
    }
}
