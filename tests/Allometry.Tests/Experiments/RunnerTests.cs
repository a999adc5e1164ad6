using Allometry.Backends;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Store;
using Allometry.Tests.Store;

namespace Allometry.Tests.Experiments;

[Collection(nameof(RunnerTests))]
public sealed class RunnerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StudyStore store;
    private readonly CancellationTokenSource stop = new();
    private readonly Recipe recipe = Small.Recipe([new ScriptedStage("pre", First: true), new ScriptedStage("tag"), new ScriptedStage("area")]);
    private readonly List<string> executed = [];

    public RunnerTests() => store = StudyStore.Open(Path.Combine(folder.Path, "store"));

    public void Dispose()
    {
        ScriptedStage.Script = null;
        store.Dispose();
        stop.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Running_a_plan_twice_does_nothing_the_second_time()
    {
        var first = Run(_ => { });
        var second = Run(_ => { });

        Assert.Equal((6, 6, true), (first.Executed, first.Done, first.Complete));
        Assert.Equal((0, 6, true), (second.Executed, second.Done, second.Complete));
        Assert.Equal(6, executed.Count);
    }

    [Fact]
    public void What_a_killed_process_left_in_cache_and_store_is_gone_at_the_next_start()
    {
        string[] left = [.. new[] { folder.Path, store.Folder }.Select(place => Path.Combine(place, "text.tokens.elsewhere.1.a.allometry-partial"))];
        foreach (var path in left)
        {
            File.WriteAllText(path, "half");
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-2));
        }

        Small.Materials(recipe, folder.Path);
        Run(_ => { });

        Assert.DoesNotContain(left, File.Exists);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    public void A_record_cut_short_is_told_in_one_sentence(int length)
    {
        var whole = RunRecord.Of(recipe.Plan().Runs[0]).ToJson();
        var problem = Assert.Throws<InputException>(() => RunRecord.FromJson(whole[..length])).Problems.Single();
        Assert.Equal(("the record of a run in the store", "is cut short or damaged"), (problem.Where, problem.What));
        Assert.Equal("scripted", RunRecord.FromJson(whole).Stage);
    }

    [Fact]
    public void A_run_that_fails_skips_what_needs_it_and_the_others_go_on()
    {
        var outcome = Run(execution =>
        {
            if (execution.Planned is { Shape: "a", Task: null }) throw new RunFailedException("loss", "it is no number any more", "");
        });

        Assert.Equal(3, outcome.NotDone.Count);
        Assert.Contains("no number", outcome.NotDone[0].Reason, StringComparison.Ordinal);
        Assert.All(outcome.NotDone.Skip(1), skipped => Assert.Contains(outcome.NotDone[0].Run.Id, skipped.Reason, StringComparison.Ordinal));
        Assert.Equal(3, outcome.Done);
    }

    [Fact]
    public void Stopping_interrupts_the_run_and_the_next_call_goes_on_with_it()
    {
        Assert.Throws<OperationCanceledException>(() => Run(execution =>
        {
            if (executed.Count == 2)
            {
                stop.Cancel();
                execution.Stop.ThrowIfCancellationRequested();
            }
        }));
        var interrupted = store.Runs().Select(run => store.StateOf(run.Id).State).ToList();
        var outcome = Run(_ => { }, CancellationToken.None);

        Assert.Equal([RunState.Done, RunState.Interrupted, RunState.Waiting], interrupted.Take(3));
        Assert.Equal((5, 6), (outcome.Executed, outcome.Done));
    }

    [Fact]
    public void The_time_left_is_told_by_what_earlier_sittings_took()
    {
        var slow = new Pace(1e9, 1e12, 0); // a run is predicted to take seconds and takes none
        var first = new FirstWord();
        Assert.Throws<OperationCanceledException>(() => Run(execution =>
        {
            if (executed.Count == 2) stop.Cancel();
            execution.Finish(_ => { });
        }, watcher: first, pace: slow));
        var second = new FirstWord();
        Run(execution => execution.Finish(_ => { }), CancellationToken.None, second, slow);

        Assert.Equal(2, second.Study!.Done);
        Assert.InRange(second.Study.Left / first.Study!.Left, 0, 0.2);
    }

    /// <summary>What is said when a study starts.</summary>
    private sealed class FirstWord : Watcher
    {
        public StudyProgress? Study { get; private set; }

        public override void Started(StudyProgress study) => Study = study;
    }

    [Fact]
    public void A_study_is_read_back_from_the_store_alone()
    {
        Run(execution =>
        {
            for (var step = 1; step <= 3; step++) execution.Record("loss", step, 4 - step);
            if (execution.Planned.Task is { } task) execution.Record($"{task}/accuracy", 3, 0.75);
            execution.Finish(_ => { });
        });
        var study = StudyReader.Read(store);
        var run = study.Runs.First(run => run.Task == "tag");

        Assert.Equal(6, study.Runs.Count);
        Assert.Equal(["tag", "area"], study.QualityNames);
        Assert.Equal(("a", "done", 0.75), (run.Shape, run.State, run.Results["tag/accuracy"]));
        Assert.Equal([(1L, 64.0, 3.0), (2, 128, 2), (3, 192, 1)], run.Curves["loss"].Select(point => (point.Step, point.Tokens, point.Value)));
        Assert.Equal((32, 384), (run.Facts.Dimensions["model-width"], run.Facts.Dimensions["vocabulary"]));
        Assert.True(run.MeasuredSeconds > 0);
        Assert.Equal(3e9, run.Facts.TrainingFlops);
    }

    private StudyOutcome Run(Action<Execution> script, CancellationToken? token = null, Watcher? watcher = null, Pace? pace = null)
    {
        ScriptedStage.Script = execution =>
        {
            executed.Add(execution.Planned.Id);
            script(execution);
        };
        var desk = new Desk(Small.Materials(recipe, folder.Path), watcher ?? new NoWatcher(), new(TimeSpan.FromMinutes(1), Pace: pace), token ?? stop.Token);
        return new Runner(recipe.Plan(), store, new Local(), desk).Run();
    }
}
