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

    [Fact]
    public void What_a_cluster_was_given_and_is_executed_here_after_all_is_taken_back()
    {
        var store = Path.Combine(folder.Path, "store");
        var plan = Small.Recipe([new ScriptedStage("pre", First: true)], [Small.Shape("a"), Small.Shape("b", 48), Small.Shape("c", 64)]).Expand(new Numerics(1), 384, file => file);
        var folders = plan.Runs.Select(run => new RunFolder(store, run.Id)).ToList();
        foreach (var (run, own) in plan.Runs.Zip(folders)) new RunOrder(new(store, run.Id, folder.Path, folder.Path, TimeSpan.FromMinutes(1), Pace: null), RunRecord.Of(run).ToJson(), [], 0).Write(own);
        AttemptFiles Claim(int run) => AttemptFiles.Claim(store, plan.Runs[run].Id, 0, []);
        using var running = Claim(0);
        var attempt = running.Begin(plan.Runs[0].Id, 0, "m", "v");
        running.Record(attempt, [new("loss", 1, 2.5)]);
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(running.WorkOf(plan.Runs[0].Id), RunFolder.State)).FullName, "facts.json"), "at step 1");
        using (var ended = Claim(1)) ended.End(ended.Begin(plan.Runs[1].Id, 0, "m", "v"), RunState.Done);

        using var database = StudyStore.Open(store);
        database.Add(plan.Runs.Select((run, i) => new StoredRun(run.Id, i, "{}", "{}")));
        for (var time = 0; time < 2; time++) Cluster.TakeBack(database, plan.Runs); // a kill in between has it done twice

        Assert.Equal([RunState.Interrupted, RunState.Done, RunState.Waiting], plan.Runs.Select(run => database.StateOf(run.Id).State));
        Assert.All(folders.Where((_, i) => i != 1), own => Assert.False(File.Exists(own.Order)));
        Assert.Equal("at step 1", File.ReadAllText(Path.Combine(database.ArtifactsOf(plan.Runs[0].Id), RunFolder.State, "facts.json")));
        Assert.Equal(2.5, Assert.Single(database.Measurements(plan.Runs[0].Id)).Value);
        Assert.Throws<RunFailedException>(() => running.Record(attempt, [new("loss", 2, 2.0)]));
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
