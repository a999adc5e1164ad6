using Allometry.Kinds;
using Allometry.Store;

namespace Allometry.Tests.Store;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder store = new();

    public void Dispose() => store.Dispose();

    [Fact]
    public void Of_many_that_claim_at_once_each_gets_a_number_of_its_own()
    {
        var numbers = new int[16];
        Parallel.For(0, numbers.Length, i => numbers[i] = new RunFolder(store.Path, "r").Claim(4));

        Assert.Equal(Enumerable.Range(5, numbers.Length), numbers.Order());
    }

    [Fact]
    public void Of_many_that_decide_at_once_one_succeeds()
    {
        var decided = new bool[16];
        Parallel.For(0, decided.Length, i => decided[i] = new RunFolder(store.Path, "r").Decide(i + 1));

        Assert.Single(decided, one => one);
        Assert.Equal(Array.IndexOf(decided, true) + 1, new RunFolder(store.Path, "r").Decision);
    }

    [Fact]
    public void What_a_fenced_attempt_does_is_refused_and_what_it_has_done_is_gone_on_from()
    {
        using var first = Claim();
        var attempt = first.Begin("r", 0, "m", "v");
        first.Record(attempt, [Loss(1), Loss(2)]);
        Save(first, "at step 2");
        first.Record(attempt, [Loss(3)]);

        using var second = Claim();
        Assert.Equal("at step 2", File.ReadAllText(Path.Combine(second.WorkOf("r"), RunFolder.State, "facts.json")));
        var followed = second.Begin("r", 2, "m", "v");
        Assert.Throws<RunFailedException>(() => first.Record(attempt, [Loss(4)]));
        Assert.Throws<RunFailedException>(() => first.Publish(attempt, new("model", "model", "{}")));
        Save(first, "of the cut-off node"); // into its own folder, where nobody looks any more
        first.End(attempt, RunState.Done);
        Assert.Null(new RunFolder(store.Path, "r").Decision);

        second.Record(followed, [Loss(3, 0.5), Loss(4, 0.25)]);
        Publish(second, followed, "model", "right");
        second.End(followed, RunState.Done);

        var folder = new RunFolder(store.Path, "r");
        Assert.Equal(2, folder.Decision);
        Assert.Equal([1, 0.5, 0.5, 0.25], folder.Measurements().Select(m => m.Value));
        Assert.Equal("right", File.ReadAllText(Path.Combine(store.Path, "artifacts", "r", "model", "weights")));
    }

    [Fact]
    public void An_attempt_that_ends_although_another_has_begun_decides_nothing_and_one_that_was_faster_is_all_that_counts()
    {
        using var first = Claim();
        var attempt = first.Begin("r", 0, "m", "v");
        first.Record(attempt, [Loss(1), Loss(2)]);
        Publish(first, attempt, "model", "first");
        first.End(attempt, RunState.Done);
        using var late = Claim();
        Assert.Throws<RunFailedException>(() => late.Begin("r", 0, "m", "v"));

        Assert.Equal(1, new RunFolder(store.Path, "r").Decision);
        Assert.Equal("first", File.ReadAllText(Path.Combine(store.Path, "artifacts", "r", "model", "weights")));
        Assert.Equal([1.0, 0.5], new RunFolder(store.Path, "r").Measurements().Select(m => m.Value));
    }

    [Fact]
    public void What_was_kept_on_the_way_is_published_whichever_attempt_ends()
    {
        using var first = Claim();
        var attempt = first.Begin("r", 0, "m", "v");
        Publish(first, attempt, "at-2", "two");
        Save(first, "3");
        using var second = Claim();
        second.End(second.Begin("r", 3, "m", "v"), RunState.Done);

        Assert.Equal("two", File.ReadAllText(Path.Combine(store.Path, "artifacts", "r", "at-2", "weights")));
        Assert.Equal(["at-2"], new RunFolder(store.Path, "r").Attempts().SelectMany(record => record.Artifacts).Select(artifact => artifact.Name));
    }

    [Fact]
    public void What_is_decided_stays_so_whatever_goes_wrong_behind_it()
    {
        using var files = Claim();
        var attempt = files.Begin("r", 0, "m", "v");
        files.End(attempt, RunState.Done);
        files.End(attempt, RunState.Interrupted, "a folder could not be removed");
        files.GiveUp("nor later", "m", "v");

        Assert.Equal((RunState.Done, null), files.StateOf("r"));
    }

    [Fact]
    public void A_model_that_a_follower_has_gathered_before_the_decision_is_put_to_its_place()
    {
        using var first = Claim();
        var attempt = first.Begin("r", 0, "m", "v");
        Publish(first, attempt, "model", "first");
        var folder = new RunFolder(store.Path, "r");
        Assert.True(folder.Decide(1)); // it had looked for followers before there was one
        using (Claim()) folder.Settle();
        folder.Clean(folder.LastClaim + 1);

        Assert.Equal("first", File.ReadAllText(Path.Combine(store.Path, "artifacts", "r", "model", "weights")));
        Assert.Null(folder.Lacking());
    }

    [Fact]
    public void What_was_kept_on_the_way_survives_one_that_took_it_over_and_could_not_say_so()
    {
        using var first = Claim();
        Publish(first, first.Begin("r", 0, "m", "v"), "at-2", "two");
        using var killed = Claim();
        File.Delete(new RunFolder(store.Path, "r").FileOf(2, "artifacts.json"));
        using var third = Claim();

        Assert.Equal("two", File.ReadAllText(Path.Combine(third.WorkOf("r"), "at-2", "weights")));
        Assert.Equal("at-2", Assert.Single(new RunFolder(store.Path, "r").Published(3)).Name);
    }

    [Fact]
    public void What_a_fenced_attempt_saves_late_is_not_gone_on_from_past_the_one_that_followed_it()
    {
        using var first = Claim();
        first.Begin("r", 0, "m", "v");
        using var second = Claim();
        second.Record(second.Begin("r", 0, "m", "v"), [Loss(1), Loss(2)]);
        Save(first, "at step 100"); // it had hung in a flush
        using var third = Claim();

        Assert.False(Directory.Exists(Path.Combine(third.WorkOf("r"), RunFolder.State)));
    }

    [Fact]
    public void A_line_cut_short_by_a_kill_is_no_measurement()
    {
        using var attempt = Claim();
        attempt.Record(attempt.Begin("r", 0, "m", "v"), [Loss(1), new("loss", 2, double.NaN)]);
        File.AppendAllText(new RunFolder(store.Path, "r").FileOf(1, "measurements.jsonl"), """{"Name":"loss","St""");

        Assert.Equal([1, double.NaN], new RunFolder(store.Path, "r").Measurements().Select(m => m.Value));
    }

    [Fact]
    public void A_folder_copied_in_part_is_told_with_how_to_mend_it()
    {
        using var attempt = Claim();
        attempt.Begin("r", 0, "m", "v");
        var folder = new RunFolder(store.Path, "r");
        File.WriteAllText(folder.FileOf(1, "begun.json"), "{\"Run\":");

        var problem = Assert.Throws<InputException>(() => folder.Told(1)).Problems.Single();
        Assert.Contains("copied in part", problem.Mend, StringComparison.Ordinal);
    }

    /// <summary>Whichever file it is: of the attempt that was killed, of the one that ended the run, or of the model.</summary>
    [Fact]
    public void A_result_of_which_a_file_is_missing_or_cut_short_is_not_whole()
    {
        using (var killed = Claim())
        {
            killed.Record(killed.Begin("r", 0, "m", "v"), [Loss(1)]);
            Save(killed, "step 1");
        }
        using (var files = Claim())
        {
            var attempt = files.Begin("r", 1, "m", "v");
            files.Record(attempt, [Loss(2)]);
            Publish(files, attempt, "model", "weights");
            files.End(attempt, RunState.Done);
        }
        var folder = new RunFolder(store.Path, "r");
        Assert.Null(folder.Lacking());

        string[] belonging = [.. Directory.EnumerateFiles(store.Path, "*", SearchOption.AllDirectories).Where(file => !Path.GetFileName(file).StartsWith("claim-", StringComparison.Ordinal) && Path.GetFileName(file) != "decided.json")];
        Assert.Equal(["artifacts.json", "begun.json", "begun.json", "ended.json", "measurements.jsonl", "measurements.jsonl", "weights"], belonging.Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        foreach (var file in belonging)
        {
            var whole = File.ReadAllBytes(file);
            File.Delete(file);
            Assert.Equal(file, folder.Lacking());
            File.WriteAllBytes(file, whole[..^1]);
            if (!file.EndsWith(".json", StringComparison.Ordinal)) Assert.Equal(file, folder.Lacking());
            else if (file != folder.FileOf(2, "begun.json")) Assert.Equal(file, Assert.Throws<InputException>(() => folder.Attempts().ToList()).Problems.Single().Where); // how it ended says all that its beginning said
            File.WriteAllBytes(file, whole);
        }
    }

    [Fact]
    public void What_was_taken_over_twice_is_in_the_database_once()
    {
        using var files = Claim();
        var attempt = files.Begin("r", 0, "m", "v");
        files.Record(attempt, [Loss(1), Loss(2)]);
        files.End(attempt, RunState.Done);
        using var database = StudyStore.Open(store.Path);
        database.Add([new("r", 0, "{}", "{}")]);
        for (var i = 0; i < 2; i++) database.TakeOver([.. new RunFolder(store.Path, "r").Attempts()]);

        Assert.Equal(RunState.Done, database.StateOf("r").State);
        Assert.Equal([1.0, 0.5], database.Measurements("r").Select(m => m.Value));
        Assert.Single(database.Attempts("r"));
    }

    [Fact]
    public void Files_and_the_database_tell_the_same_measurements_whatever_attempts_there_were()
    {
        var random = new Random(7);
        var folder = new RunFolder(store.Path, "r");
        for (var number = 1; number <= 5; number++)
        {
            using var files = Claim();
            var from = number == 1 ? 0 : random.Next(0, 10);
            files.Record(files.Begin("r", from, "m", "v"), [.. Enumerable.Range(from + 1, random.Next(1, 9)).Select(step => Loss(step, random.NextDouble()))]);
        }
        using var database = StudyStore.Open(store.Path);
        database.Add([new("r", 0, "{}", "{}")]);
        database.TakeOver([.. folder.Attempts()]);

        Assert.Equal(database.Measurements("r"), folder.Measurements());
    }

    /// <summary>Read after every line, and in the middle of lines; of an attempt that is followed counts what the next one has not done again.</summary>
    [Fact]
    public void What_is_watched_while_it_is_measured_is_what_is_taken_over_at_the_end()
    {
        var folder = new RunFolder(store.Path, "r");
        using var database = StudyStore.Open(store.Path);
        database.Add([new("r", 0, "{}", "{}")]);
        Measurement[][] told = [[Loss(1), Loss(2), Loss(3)], [Loss(3, 7), Loss(4, double.NaN)]];
        for (var i = 0; i < told.Length; i++)
        {
            using var files = Claim();
            var attempt = files.Begin("r", 2 * i, "m", "v");
            long place = 0;
            foreach (var m in told[i])
            {
                files.Record(attempt, [m]);
                File.AppendAllText(folder.FileOf(attempt.Number, "measurements.jsonl"), "{\"Name\":"); // as another machine sees a line that is being written
                (var measured, place) = folder.MeasuredSince(attempt.Number, place);
                using (var file = new FileStream(folder.FileOf(attempt.Number, "measurements.jsonl"), FileMode.Open)) file.SetLength(place);
                Assert.Single(measured);
                database.Watch(new(attempt, measured, []));
                Assert.Equal(folder.Measurements(), database.Measurements("r"));
                Assert.Equal(RunState.Running, database.StateOf("r").State);
            }
            if (i == 1) files.End(attempt, RunState.Done);
        }
        Assert.Equal([1, 0.5, 7, double.NaN], database.Measurements("r").Select(m => m.Value));
        database.TakeOver([.. folder.Attempts()]);
        Assert.Equal([1, 0.5, 7, double.NaN], database.Measurements("r").Select(m => m.Value));
        Assert.Equal(RunState.Done, database.StateOf("r").State);
    }

    private AttemptFiles Claim() => AttemptFiles.Claim(store.Path, "r", 0, []);

    private static Measurement Loss(long step, double? value = null) => new("loss", step, value ?? 1.0 / step);

    private static void Save(AttemptFiles files, string what) => Write(files, RunFolder.State, "facts.json", what);

    private static void Publish(AttemptFiles files, Attempt attempt, string name, string what)
    {
        Write(files, name, "weights", what);
        files.Publish(attempt, new(name, name, "{}"));
    }

    private static void Write(AttemptFiles files, string folder, string name, string what)
    {
        Directory.CreateDirectory(Path.Combine(files.WorkOf("r"), folder));
        File.WriteAllText(Path.Combine(files.WorkOf("r"), folder, name), what);
    }
}
