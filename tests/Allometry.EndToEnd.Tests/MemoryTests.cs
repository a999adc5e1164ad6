using System.Text.Json;

namespace Allometry.EndToEnd.Tests;

public sealed class MemoryTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    private static string Base(string vocabulary) => $$"""
        name: memory
        architecture: t5-1.0
        vocabulary: {{vocabulary}}
        corpus: { files: ['{{Path.Combine(AllometryProcess.Repository, "data", "smoke", "text.jsonl")}}'], field: text, held-out: 0.05 }
        threads: 1
        """;

    [Fact]
    public void What_plan_says_of_memory_is_what_the_processes_take() => Holds(
        """
        shapes:
          - { name: deep, model-width: 64, feed-forward-width: 256, head-width: 32, heads: 2, encoder-layers: 12, decoder-layers: 12 }
          - { name: wide, model-width: 640, feed-forward-width: 2560, head-width: 64, heads: 10, encoder-layers: 1, decoder-layers: 1 }
        protocol: [ { kind: pretrain, objective: span-corruption, input-length: 256, batch: 8, optimizer: adamw, learning-rate: 0.001, budget: { steps: 4 }, validation-batches: 1 } ]
        """);

    [Fact]
    public void It_holds_for_what_papers_add_too() => Holds(
        """
        shapes:
          - &shape { name: switch, model-width: 256, feed-forward-width: 1024, head-width: 32, heads: 8, encoder-layers: 3, decoder-layers: 1, architecture: { initialisation: switch, feed-forward: { kind: in-turn, of: [dense, { kind: switch, experts: 4, group: 1024 }] } } }
          - { <<: *shape, name: local, architecture: { encoder: { pattern: [[{ kind: self-attention, attention: { kind: local, radius: 63 } }, feed-forward]] } } }
          - { <<: *shape, name: transient-global, architecture: { encoder: { pattern: [[{ kind: self-attention, attention: { kind: transient-global, radius: 63, block-size: 16 } }, feed-forward]] } } }
          - { <<: *shape, name: primer-ez, encoder-layers: 0, decoder-layers: 4, architecture: primer-ez }
          - { <<: *shape, name: primer, encoder-layers: 0, decoder-layers: 4, architecture: primer }
        protocol: [ { kind: pretrain, objective: span-corruption, input-length: 512, batch: 4, optimizer: adamw, learning-rate: 0.001, budget: { steps: 3 }, validation-batches: 1 } ]
        """);

    [Fact]
    public void It_holds_where_one_model_teaches_another_and_all_their_logits_would_take_more_than_the_rest() => Holds(
        """
        shapes: [ { name: taught, model-width: 64, feed-forward-width: 256, head-width: 32, heads: 2, encoder-layers: 2, decoder-layers: 2 } ]
        protocol:
          - { kind: pretrain, objective: span-corruption, input-length: 128, batch: 32, budget: { steps: 3 }, validation-batches: 1 }
          - { kind: distill, student: t5-1.0, objective: span-corruption, input-length: 128, batch: 32, budget: { steps: 3 }, validation-batches: 1 }
        """, $"{{ kind: sentence-piece, path: '{Path.Combine(AllometryProcess.Repository, "data", "vocabulary", "t5", "spiece.model")}' }}");

    private void Holds(string rest, string vocabulary = "bytes")
    {
        File.WriteAllText(folder.At("memory.yaml"), $"{Base(vocabulary)}\n{rest}\n");
        var plan = AllometryProcess.Run(folder.Path, "plan", "memory.yaml", "--json");
        plan.HasEndedWith(0);
        AllometryProcess.Run(folder.Path, "run", "memory.yaml", "--store", "store").HasEndedWith(0);
        using var document = JsonDocument.Parse(plan.Output);
        var runs = document.RootElement.GetProperty("runs").EnumerateArray().ToList();
        Assert.NotEmpty(runs);
        Assert.All(runs, run =>
        {
            var (id, predicted) = (run.GetProperty("id").GetString(), run.GetProperty("memoryBytes").GetDouble());
            double measured = Results.Count(folder.At("store"), $"select cast(value as integer) from measurements where name = 'peak-memory' and run = '{id}'");
            Assert.True(Math.Abs((predicted / measured) - 1) < 0.15, $"{run.GetProperty("shape")}: {predicted / (1 << 20):0} MiB were predicted, {measured / (1 << 20):0} taken");
        });
    }
}
