using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;
using Allometry.Tests.Experiments;
using Allometry.Tests.Store;

namespace Allometry.Tests.Backends;

[Collection(nameof(RunnerTests))]
public sealed class ClusterWorkerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    static ClusterWorkerTests() => Catalogue.Add(typeof(ScriptedStage).Assembly);

    public void Dispose()
    {
        ScriptedStage.Script = null;
        folder.Dispose();
    }

    [Fact]
    public void A_run_that_is_stopped_before_it_gets_further_does_not_ask_to_be_started_again()
    {
        ScriptedStage.Script = _ => throw new OperationCanceledException();

        var (code, attempt) = Serve(new ScriptedStage("pre", First: true));

        Assert.Equal(ClusterWorker.Broken, code);
        Assert.Equal((RunState.Interrupted, "it was stopped before it came further than step 0; a longer `time` in the profile may let it"), (attempt.State, attempt.Reason));
    }

    [Fact]
    public void A_run_that_is_stopped_where_it_has_got_further_does()
    {
        ScriptedStage.Script = execution =>
        {
            var state = Directory.CreateDirectory(Path.Combine(folder.Path, "store", "artifacts", $"{execution.Planned.Id}.0001", RunFolder.State)).FullName;
            File.WriteAllText(Path.Combine(state, "facts.json"), """{"Step":7,"Seconds":0}""");
            throw new OperationCanceledException();
        };

        var (code, attempt) = Serve(new ScriptedStage("pre", First: true));

        Assert.Equal(ClusterWorker.GoOn, code);
        Assert.Equal((RunState.Interrupted, RunAttempt.Stopped), (attempt.State, attempt.Reason));
    }

    [Fact]
    public void A_node_without_the_GPU_that_a_run_asks_for_says_so_and_another_may_try()
    {
        Assert.SkipWhen(Allometry.Native.Libtorch.LackForCuda() is null, "there is a GPU");
        ScriptedStage.Script = execution => execution.FreshModel(new Allometry.Models.EncoderDecoder());

        var (code, attempt) = Serve(new ScriptedStage("pre", First: true), new(1, "cuda"));

        Assert.Equal((ClusterWorker.Broken, RunState.Interrupted), (code, attempt.State));
        Assert.StartsWith($"--device cuda: {Allometry.Native.Libtorch.LackForCuda()}", attempt.Reason, StringComparison.Ordinal);
    }

    /// <summary>The one run of a recipe, as a node executes it.</summary>
    private (int Code, Attempt Attempt) Serve(Stage stage, Numerics? numerics = null)
    {
        var store = Path.Combine(folder.Path, "store");
        var run = Small.Recipe([stage], [Small.Shape("a")]).Expand(numerics ?? new(1), 384, file => file).Runs.Single();
        var own = new RunFolder(store, run.Id);
        new RunOrder(new(store, run.Id, folder.Path, folder.Path, TimeSpan.FromMinutes(1), Pace: null), RunRecord.Of(run).ToJson(), [], 0).Write(own);
        using var stop = new CancellationTokenSource();
        var code = ClusterWorker.Serve(SubmissionFolder.Make(store, new Dictionary<int, string> { [0] = run.Id }).Folder, 0, told: null, stop);
        return (code, own.Told(1)!);
    }
}
