using Allometry.Costs;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.Switch;
using Allometry.Tests.Experiments;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Switch;

/// <summary>What becomes of experts that have less than a slot each, and of tokens while a model writes.</summary>
public sealed class CapacityTests : ColourStudies
{
    private static readonly Shape Shape = new(8, 12, 4, 2, 2, 2, 40);

    [Theory] // 4 experts, texts of 8 tokens and answers of 3
    [InlineData(1, null, 1.0, null, "decoder: 3 tokens")]
    [InlineData(1, null, 4.0, 0.4, "encoder: 8 tokens, decoder: 3 tokens")]
    [InlineData(1, null, 4.0, null, "")]
    [InlineData(1, 1024, 1.0, null, "decoder: 3 tokens")] // a batch of one text has no more than its tokens
    [InlineData(2, 1024, 1.0, null, "")]
    public void Less_than_a_slot_is_told_by_what_shares_slots(int batch, int? group, double factor, double? evaluation, string told)
    {
        var experts = new SwitchFeedForward(4, group) { Capacity = new FactorCapacity(factor, evaluation, Least: 1) };
        var misfits = new EncoderDecoder { FeedForward = experts }.Count(Shape, new Setting(batch, 8, 3)).Misfits;
        Assert.Equal(told, string.Join(", ", misfits.Select(misfit => string.Join(' ', misfit.What.Split(' ')[..3]))));
    }

    [Fact]
    public void Short_tasks_behind_a_pre_training_are_told_of_slots_and_not_of_windows()
    {
        var recipe = Reader.Read<Recipe>("""
            name: short
            architecture: { kind: t5-1.0, feed-forward: { kind: switch, experts: 8, capacity: { kind: factor, least: 1 } }, encoder: { pattern: [[{ kind: self-attention, attention: { kind: local, radius: 20 } }, feed-forward]] } }
            vocabulary: bytes
            corpus: { files: [text.txt], held-out: 0.2 }
            shapes: [{ name: a, model-width: 16, feed-forward-width: 32, head-width: 8, heads: 2, encoder-layers: 1, decoder-layers: 1 }]
            protocol:
              - { kind: pretrain, objective: span-corruption, input-length: 48, batch: 2, budget: { steps: 2 } }
              - kind: fine-tune
                budget: { steps: 2 }
                tasks: { name: colour, files: { train: rows.csv, validation: rows.csv }, prompt: "{text}", answer: { kind: label, column: colour, labels: [red, blue], decide: rank }, metrics: [accuracy], input-length: 16, target-length: 5 }
            """, "short.yaml");
        var problem = Assert.Single(Assert.Throws<InputException>(() => Small.Materials(recipe, Folder.Path)).Problems);
        Assert.Equal(("protocol: fine-tune: tasks", "decoder: 5 tokens that share slots give 8 experts less than one each"), (problem.Where, problem.What));
    }

    [Fact]
    public void Inputs_that_are_answered_in_writing_lose_no_token_to_a_factor_and_do_to_slots()
    {
        Assert.Equal(Written(new FactorCapacity()), Written(new FactorCapacity(Evaluation: 0.01, Least: 1)));
        Assert.NotEqual(Written(new FixedCapacity(1000)), Written(new FixedCapacity(1))); // as at Hugging Face
    }

    private static float[] Written(Capacity capacity)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var model = new EncoderDecoder { FeedForward = new SwitchFeedForward(2) { Capacity = capacity } }.Build(Shape);
        model.eval();
        using var begun = model.Begin(arange(5, 25, int64).view(2, 10), null);
        return begun.Logits.data<float>().ToArray();
    }
}
