using System.Diagnostics;
using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Models;
using Allometry.Store;
using Allometry.Tasks;
using Allometry.Tests.Store;
using Allometry.Training;

namespace Allometry.Tests.Experiments;

/// <summary>Measurements are cheap to write. In the collection of those that give the scripted stage a script.</summary>
[Collection(nameof(RunnerTests))]
public sealed class RecordingTests : IDisposable
{
    private const int Steps = 20_000;

    private readonly TemporaryFolder folder = new();
    private readonly StudyStore store;

    public RecordingTests() => store = StudyStore.Open(Path.Combine(folder.Path, "store"));

    public void Dispose()
    {
        ScriptedStage.Script = null;
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Recording_costs_less_than_a_hundredth_of_the_smallest_step()
    {
        var (step, record, row) = (ProcessorTime.Least(10, SmallSteps(10)) / 10, double.PositiveInfinity, double.PositiveInfinity);
        Run(execution =>
        {
            record = ProcessorTime.Least(10, () => { for (var i = 1; i <= 1000; i++) execution.Record(new TrainingStep(i, 3, 1, 0.01, 100, 128, new(0, 0, 0, 1e-3))); }) / 1000;
            var attempt = store.Attempts(execution.Planned.Id)[^1];
            var round = 0;
            row = ProcessorTime.Least(10, () => store.Record(attempt, [.. Enumerable.Range(1000 * ++round, 100).Select(i => new Measurement("made-up", i, 1, 1, 1))])) / 100;
        });
        Assert.True(record + row < 0.01 * step, $"telling a step takes {1e6 * record:0.0} µs and writing its row {1e6 * row:0.0} µs, of a step of {1e6 * step:0} µs");
    }

    [Fact]
    public void A_long_run_writes_a_thousand_rows_in_a_write_a_second()
    {
        var clock = new Stopwatch();
        List<int> seen = [];
        Run(execution =>
        {
            clock.Start();
            for (var i = 1; i <= Steps; i++)
            {
                execution.Record(new TrainingStep(i, 3, 1, 0.01, 100, 128, new(0, 0, 0, 1e-3)));
                if (i % 20 != 0) continue;
                seen.Add(store.Measurements(execution.Planned.Id).Count);
                Thread.Sleep(1);
                if (clock.Elapsed.TotalSeconds > 2.5 && seen[^1] > 0) break;
            }
        });
        var writes = seen.Zip(seen.Skip(1)).Count(pair => pair.Second > pair.First);
        Assert.InRange(writes, 1, Math.Ceiling(clock.Elapsed.TotalSeconds));   // they stream while the run goes on, but not one by one
        Assert.InRange(seen[^1], 1, 1000);
    }

    private void Run(Action<Execution> script)
    {
        ScriptedStage.Script = script;
        var recipe = Small.Recipe([new ScriptedStage("pre", First: true, Steps: Steps)], [Small.Shape("a")]);
        using var backend = new Local();
        new Runner(recipe.Plan(), store, backend, new(Small.Materials(recipe, folder.Path), new NoWatcher(), new(TimeSpan.FromHours(1)), default)).Run();
    }

    /// <summary>Training steps of the smallest model that these tests know.</summary>
    private static Action SmallSteps(int count) => () =>
    {
        using var model = new EncoderDecoder().Build(Small.Shape("a"));
        using var trainer = new Trainer(model, (m, batch, options) => m.Loss(batch.Inputs, batch.InputMask, batch.Targets, options), new Alike(), new(new Adafactor(), 0.01, new Constant()), count, seed: 1);
        foreach (var _ in trainer.Steps()) { }
    };

    private sealed class Alike : BatchSource
    {
        public override IReadOnlyList<Example> At(long step) => [.. Enumerable.Range(0, 8).Select(_ => new Example([.. Enumerable.Range(3, 32)], [.. Enumerable.Range(3, 16)]))];
    }
}
