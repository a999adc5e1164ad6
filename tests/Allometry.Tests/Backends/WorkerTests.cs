using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;
using Allometry.Tests.Experiments;

namespace Allometry.Tests.Backends;

public sealed class WorkerTests
{
    [Fact]
    public void A_message_is_read_back_and_other_lines_are_not_taken_for_one()
    {
        var progress = new RunProgress(3, 9, double.NaN, 1.5, double.NaN, TimeSpan.FromSeconds(4));
        var message = new WorkerMessage { Progress = progress, Ended = RunState.Failed, Reason = "why", Fatal = [new Problem("a", "b", "c")] };
        var read = WorkerMessage.Read(message.ToJson())!;

        Assert.Equal((progress, RunState.Failed, "why", new Problem("a", "b", "c")), (read.Progress!, read.Ended!.Value, read.Reason!, read.Fatal!.Single()));
        Assert.All(["", "OMP: Warning", "{ no json", "[1]"], line => Assert.Null(WorkerMessage.Read(line)));
    }

    [Fact]
    public void A_run_is_the_same_after_it_has_been_kept_in_the_store()
    {
        foreach (var planned in Reader.Read<Recipe>(Yaml, "recipe.yaml").Plan().Runs)
        {
            var kept = RunRecord.FromJson(RunRecord.Of(planned).ToJson()).Planned(planned.Id);

            Assert.Equal(Canonical.Json(planned.Run), Canonical.Json(kept.Run));
            Assert.Equal((planned.ToString(), planned.Workload), (kept.ToString(), kept.Workload));
        }
    }

    private const string Yaml =
        """
        name: x
        architecture: { kind: encoder-decoder, dropout: 0.1 }
        vocabulary: { kind: trimmed, from: spiece.model, size: 512 }
        corpus: { files: [a.txt], held-out: 0.07 }
        shapes: [ { name: n, model-width: 32, feed-forward-width: 64, head-width: 16, heads: 2, encoder-layers: 1, decoder-layers: 1 } ]
        protocol:
          - { kind: pretrain, objective: { kind: span-corruption, density: 0.3 }, input-length: 64, batch: 4, optimizer: adamw, schedule: warmup-stable-decay, budget: { tokens: 1000000 } }
          - kind: fine-tune
            from: [pretrain, scratch]
            learning-rate: 0.0123
            budget: { steps: 3 }
            tasks:
              - { name: tag, files: { train: [t.csv] }, prompt: "{text}", answer: { kind: label, column: label, labels: [a, "no"] }, metrics: [accuracy] }
        seeds: [9223372036854775807, -1]
        """;
}
