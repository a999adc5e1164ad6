using Allometry.Store;
using CsCheck;

namespace Allometry.Tests.Store;

public sealed class StudyLookTests : IDisposable
{
    private const int Windows = 20;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Names_and_last_measurements_are_those_of_all_measurements()
    {
        using var store = StudyStore.Open(folder.Path);
        store.Add([new("a", 0, "{}", "{}"), new("b", 1, "{}", "{}"), new("never", 2, "{}", "{}")]);
        Again(store, "a", 1, [new("loss", 1, 3), new("loss", 2, 2.5), new("loss", 9, 99), new("validation-loss", 2, 2.6), new("z", 1, double.NaN)]);
        Again(store, "a", 2, [new("loss", 2, 2.4), new("loss", 3, 2.3)]);
        Again(store, "b", 0, [new("zz", 7, 1)]);

        var look = new StudyLook(store);

        Assert.All(["a", "b", "never"], run =>
        {
            var all = store.Measurements(run);
            Assert.Equal(all.Select(m => m.Name).Distinct(), look.Names(run));
            Assert.Equal(all.GroupBy(m => m.Name).Select(group => group.Last()), look.Lasts(run));
        });
        Assert.Equal(new Measurement("loss", 3, 2.3), look.Last("a", "loss"));
        Assert.Null(look.Last("never", "loss"));
    }

    [Fact]
    public void A_long_curve_is_the_means_of_windows_of_its_steps() => Gen.Select(Gen.Int[1, 300], Gen.Int[0, 50], Gen.Int[1, 9]).Sample((count, first, stride) =>
    {
        using var own = new TemporaryFolder();
        using var store = StudyStore.Open(own.Path);
        store.Add([new("a", 0, "{}", "{}")]);
        var points = Enumerable.Range(0, count).Select(i => new Measurement("loss", first + (i * stride), Math.Sin(i), i * 10, i / 4.0)).ToList();
        Again(store, "a", 0, points);

        var curve = new StudyLook(store).Curve("a", "loss", Windows);

        var width = Math.Max(1, (points[^1].Step - first + Windows) / Windows);
        var expected = points.GroupBy(m => (m.Step - first) / width)
            .Select(window => new Measurement("loss", window.Max(m => m.Step), window.Average(m => m.Value), window.Average(m => m.Tokens), window.Average(m => m.Seconds)));
        Assert.InRange(curve.Count, Math.Min(count, Windows / 2), Windows + 1);
        Assert.All(expected.Zip(curve), pair =>
        {
            Assert.Equal(pair.First.Step, pair.Second.Step);
            Assert.Equal(pair.First.Value, pair.Second.Value, 1e-12);
            Assert.Equal(pair.First.Tokens, pair.Second.Tokens, 1e-9);
        });
        Assert.Equal(expected.Count(), curve.Count);
    }, iter: 20);

    [Fact]
    public void The_last_attempt_says_how_a_run_stands()
    {
        using var store = StudyStore.Open(folder.Path);
        store.Add([new("done", 0, "{}", "{}"), new("failed", 1, "{}", "{}"), new("waiting", 2, "{}", "{}"), new("running", 3, "{}", "{}")]);
        store.End(store.Begin("failed", 0, "{}", "v"), RunState.Interrupted, "first");
        store.End(store.Begin("failed", 0, "{}", "v"), RunState.Failed, "why");
        store.End(store.Begin("done", 0, "{}", "v"), RunState.Done);
        store.Begin("running", 0, "{}", "v");

        var last = new StudyLook(store).LastAttempts();

        Assert.All(["done", "failed", "running"], run => Assert.Equal(store.StateOf(run), (last[run].State, last[run].Reason)));
        Assert.Equal((2, RunState.Failed, "why"), (last["failed"].Number, last["failed"].State, last["failed"].Reason));
        Assert.DoesNotContain("waiting", last.Keys);
    }

    [Fact]
    public void The_version_changes_when_another_process_writes_and_only_then()
    {
        using var store = StudyStore.Open(folder.Path);
        using var reading = StudyStore.Read(folder.Path);
        var look = new StudyLook(reading);
        var before = look.Version();
        Assert.Equal(before, look.Version());
        store.SetFact("name", "x");
        Assert.NotEqual(before, look.Version());
    }

    private static void Again(StudyStore store, string run, long fromStep, IReadOnlyCollection<Measurement> measurements)
    {
        var attempt = store.Begin(run, fromStep, "{}", "v");
        store.Record(attempt, measurements);
        store.End(attempt, RunState.Interrupted);
    }
}
