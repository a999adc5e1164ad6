using Allometry.Experiments;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Tests.Experiments;
using Allometry.Tests.Store;
using Allometry.Tests.Text;
using Allometry.Text;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Objectives;

/// <summary>Of objectives whose examples differ in length, the mean over them is counted: it is what steps execute, but for padding, of which there is at most 5 %; and memory is still that of the longest.</summary>
public sealed class ObjectiveCostTests
{
    private const string Mixed = "{ kind: mixture-of-denoisers, denoisers: [{ name: R, denoiser: span-corruption }, { name: S, denoiser: prefix-language-model }] }";

    [Theory]
    [InlineData("t5-1.0", "prefix-language-model")]
    [InlineData("ul2", "{ kind: prefix-language-model, sentinel: true }")]
    [InlineData("ul2-decoder-only", "prefix-language-model")]
    [InlineData("ul2", Mixed)]
    [InlineData("ul2-decoder-only", Mixed)]
    public void Counted_flops_are_executed_to_a_few_per_cent(string architecture, string objective)
    {
        const int steps = 16; // of 32 examples
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var stage = new PretrainStage(Reader.Read<Objective>(objective, "recipe.yaml"), new(Steps: steps), InputLength: 128) { Batch = 32 };
        var recipe = Small.Recipe([stage], [Small.Shape("a")]) with { Architecture = Reader.Read<Architecture>(architecture, "recipe.yaml") };
        var load = recipe.Plan().Runs[0].Workload;
        var tokenizer = new ByteTokenizer(100);
        using var tokens = TokenFile.Obtain(new Corpus([Sources.Smoke], Field: "text", HeldOut: 0), tokenizer, Split.Train, folder.Path, cancellation: TestContext.Current.CancellationToken);
        var source = PretrainingBatches.Of(new(tokens, tokenizer, 128), stage.Objective, stage.Batch, seed: 5);
        using var model = recipe.Architecture.Build(Small.Shape("a"));
        double positions = 0;
        using var record = Products.Record();
        foreach (var part in Enumerable.Range(0, steps).SelectMany(step => StepBatches.Cut(source.At(step), 1, TrainingOptions.UsualPadding)))
        {
            using var still = no_grad();
            using var inner = NewDisposeScope();
            using var batch = Batch.Of(part);
            positions += batch.Positions;
            stage.Objective.Loss(model, batch, new());
        }

        Assert.Equal(1, record.Flops / steps / load.ForwardFlops, 0.08);
        Assert.Equal(1, positions / steps / load.TokensPerStep, 0.08);
        var longest = (stage with { Objective = new SpanCorruption(Density: 0.5) }).Count(recipe.Plan().Runs[0].Run); // 128 and 128 tokens
        Assert.Equal(longest.MemoryBytes, load.MemoryBytes);
    }
}
