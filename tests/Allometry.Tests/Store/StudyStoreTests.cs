using Allometry.Kinds;
using Allometry.Store;
using Microsoft.Data.Sqlite;
using Schema = Allometry.Store.Schema;

namespace Allometry.Tests.Store;

public sealed class StudyStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Of_a_recipe_that_was_changed_what_is_done_stays_and_what_is_not_is_no_longer_missing()
    {
        using var store = Filled();
        Assert.Equal(["b", "a"], store.Current().Select(run => run.Id));
        store.End(store.Begin("a", 0, "here", "v"), RunState.Done);
        store.End(store.Begin("b", 0, "there", "v"), RunState.Failed);
        store.Add([new("c", 2, "{}", "{}")]);
        store.SetPlanned(["c"]);

        Assert.Equal(["a", "c"], store.Current().Select(run => run.Id));
        Assert.Equal(["here"], store.Machines());
    }

    [Fact]
    public void What_is_written_is_read_back_by_another_process_view()
    {
        using var store = Filled();
        var attempt = store.Begin("a", 0, "{}", "v");
        store.Record(attempt, [new("loss", 1, 2.5, 10, 0.5), new("loss", 2, double.NaN)]);
        store.Publish(attempt, new("model", "model", """{"step":2}"""));
        store.SetFact("name", "x");
        store.End(attempt, RunState.Done);

        using var reader = StudyStore.Read(folder.Path);

        Assert.Equal(store.Runs(), reader.Runs());
        Assert.Equal(["b", "a"], reader.Runs().Select(run => run.Id));
        Assert.Equal(new Measurement("loss", 1, 2.5, 10, 0.5), reader.Measurements("a")[0]);
        Assert.True(double.IsNaN(reader.Measurements("a")[1].Value));
        Assert.Equal(new Artifact("model", "model", """{"step":2}"""), reader.Artifact("a", "model"));
        Assert.Equal("x", reader.Fact("name"));
        Assert.Equal((RunState.Done, null), reader.StateOf("a"));
        Assert.Equal((RunState.Waiting, null), reader.StateOf("b"));
    }

    [Fact]
    public void A_later_attempt_replaces_what_came_after_its_first_step_and_nothing_is_doubled()
    {
        using var store = Filled();
        var first = store.Begin("a", 0, "{}", "v");
        store.Record(first, [new("loss", 10, 3), new("loss", 20, 2), new("loss", 30, 1)]);
        var second = store.Begin("a", 20, "{}", "v");
        store.Record(second, [new("loss", 30, 1.5)]);

        Assert.Equal([(10L, 3.0), (20, 2), (30, 1.5)], store.Measurements("a").Select(m => (m.Step, m.Value)));
    }

    [Fact]
    public void What_a_later_attempt_measures_again_at_the_step_it_went_on_from_counts_once()
    {
        using var store = Filled();
        store.Record(store.Begin("a", 0, "{}", "v"), [new("loss", 20, 2), new("task/accuracy", 20, 0.5)]);
        store.Record(store.Begin("a", 20, "{}", "v"), [new("task/accuracy", 20, 0.5)]);

        Assert.Equal([("loss", 2.0), ("task/accuracy", 0.5)], store.Measurements("a").Select(m => (m.Name, m.Value)));
    }

    [Fact]
    public void A_run_whose_process_died_is_interrupted_and_one_that_is_worked_on_is_running()
    {
        using (var store = Filled())
        {
            store.Begin("a", 0, "{}", "v");
            using var reader = StudyStore.Read(folder.Path);
            Assert.Equal(RunState.Running, reader.StateOf("a").State);
        }
        using var later = StudyStore.Read(folder.Path);
        Assert.Equal(RunState.Interrupted, later.StateOf("a").State);
    }

    [Fact]
    public void What_a_killed_process_left_open_is_ended_when_the_store_is_opened_again()
    {
        using (var killed = Filled()) killed.Begin("a", 0, "{}", "v");
        using var store = StudyStore.Open(folder.Path);

        Assert.Equal((RunState.Interrupted, "the process ended"), (store.Attempts("a")[0].State, store.Attempts("a")[0].Reason));
    }

    [Fact]
    public void An_attempt_that_another_one_has_followed_can_write_nothing_more()
    {
        using var store = Filled();
        var stale = store.Begin("a", 0, "{}", "v");
        store.Record(stale, [new("loss", 1, 3)]);
        var last = store.Begin("a", 0, "{}", "v");

        Assert.Contains("attempt 2 has followed", Assert.Throws<RunFailedException>(() => store.Record(stale, [new("loss", 2, 3)])).Message, StringComparison.Ordinal);
        Assert.Throws<RunFailedException>(() => store.Publish(stale, new("model", "model", "{}")));
        Assert.Null(store.Artifact("a", "model"));
        store.Record(last, [new("loss", 1, 2)]);
        Assert.Equal([2.0], store.Measurements("a").Select(m => m.Value));
    }

    [Fact]
    public void A_run_that_one_process_works_on_is_refused_to_another_and_other_runs_are_not()
    {
        using var store = Filled();
        using var first = StudyStore.Join(folder.Path);
        using var second = StudyStore.Join(folder.Path);
        var attempt = first.Begin("a", 0, "{}", "v");
        second.Begin("b", 0, "{}", "v");
        var ends = false;
        var ending = new Thread(() =>
        {
            Thread.Sleep(200);
            Volatile.Write(ref ends, true);
            first.End(attempt, RunState.Interrupted);
        });
        ending.Start();

        Assert.Equal(2, second.Begin("a", 0, "{}", "v").Number); // waits for the first to end
        Assert.True(Volatile.Read(ref ends));
        ending.Join();
        Assert.Equal(RunState.Running, store.StateOf("a").State);
    }

    [Fact]
    public void Processes_that_write_at_the_same_time_lose_nothing()
    {
        using var store = Filled();
        Parallel.ForEach(["a", "b"], run =>
        {
            using var joined = StudyStore.Join(folder.Path);
            var attempt = joined.Begin(run, 0, "{}", "v");
            for (var step = 1; step <= 100; step++) joined.Record(attempt, [new("loss", step, step)]);
            joined.End(attempt, RunState.Done);
        });

        Assert.All(["a", "b"], run => Assert.Equal(Enumerable.Range(1, 100).Select(step => (double)step), store.Measurements(run).Select(m => m.Value)));
    }

    [Fact]
    public void A_prediction_stays_once_the_run_has_been_tried()
    {
        using var store = Filled();
        store.Add([new("a", 1, "{}", "first"), new("b", 2, "{}", "first")]);
        store.End(store.Begin("a", 0, "{}", "v"), RunState.Done);
        store.Add([new("a", 1, "{}", "second"), new("b", 2, "{}", "second")]);

        Assert.Equal(["first", "second"], store.Runs().Select(run => run.Prediction));
    }

    [Fact]
    public void A_second_writer_is_refused_until_the_first_has_gone()
    {
        var first = StudyStore.Open(folder.Path);
        var refused = Assert.Throws<InputException>(() => StudyStore.Open(folder.Path));
        first.Dispose();
        using var second = StudyStore.Open(folder.Path);

        Assert.Contains("another process", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adding_a_known_run_again_keeps_its_attempts()
    {
        using var store = Filled();
        store.End(store.Begin("a", 0, "{}", "v"), RunState.Done);
        store.Add([new("a", 7, "{}", "{}")]);

        Assert.Equal(RunState.Done, store.StateOf("a").State);
        Assert.Equal(7, store.Runs().Single(run => run.Id == "a").Position);
    }

    [Theory]
    [InlineData("no database at all, but long enough to be read as one: ..........................................")]
    [InlineData("")]
    public void What_is_no_store_is_refused_and_left_as_it_is(string content)
    {
        var file = folder.File("study.db", content);
        Assert.Throws<InputException>(() => StudyStore.Read(folder.Path));
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Fact]
    public void A_damaged_store_is_refused()
    {
        using (var store = Filled())
            for (var i = 0; i < 200; i++) store.SetFact($"fact {i}", new string('x', 500));
        var file = Path.Combine(folder.Path, "study.db");
        using (var stream = new FileStream(file, FileMode.Open))
        {
            stream.Position = 3 * 4096;
            stream.Write(Enumerable.Repeat((byte)0xAB, 8 * 4096).ToArray());
        }

        Assert.Contains("cannot be read", Assert.Throws<InputException>(() => StudyStore.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_of_a_newer_version_is_refused()
    {
        Filled().Dispose();
        Change("pragma user_version = 999");
        Assert.Contains("newer", Assert.Throws<InputException>(() => StudyStore.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_of_another_program_is_refused()
    {
        Change("create table theirs (x)");
        Assert.Contains("another program", Assert.Throws<InputException>(() => StudyStore.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Upgrading_runs_only_the_scripts_that_are_missing()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        Schema.Upgrade(connection, ["create table one (x)"]);
        Schema.Upgrade(connection, ["create table one (x)", "create table two (x)"]);

        Assert.Equal(2, Schema.Version(connection));
        using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from one, two";
        Assert.Equal(0L, command.ExecuteScalar());
    }

    [Fact]
    public void A_folder_without_a_store_is_named_when_reading() =>
        Assert.Contains(folder.Path, Assert.Throws<InputException>(() => StudyStore.Read(folder.Path)).Message, StringComparison.Ordinal);

    private StudyStore Filled()
    {
        var store = StudyStore.Open(folder.Path);
        store.Add([new("a", 2, """{"a":1}""", "{}"), new("b", 1, "{}", "{}")]);
        return store;
    }

    private void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Path, "study.db")};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
