using Allometry.Reports;
using Allometry.Store;

namespace Allometry.Web.Tests;

/// <summary>What an opened page knows of a study that others change.</summary>
public sealed class WatchedStudyTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("allometry-watched-");

    private string Store => Path.Combine(folder.FullName, "store");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_recipe_that_was_changed_brings_other_runs_also_where_there_are_as_many()
    {
        new GeneratedStore(Store, 3, 5) { Untried = 2 }.Make(); // six runs are known of, whatever the recipe
        Change(store => store.SetPlanned([.. RunsOf(0), .. RunsOf(1)]));
        using var study = new WatchedStudy(Store);
        var before = study.Now();
        Assert.Equal([.. RunsOf(0), .. RunsOf(1)], before.Rows.Select(row => row.Id));

        Change(store => store.SetPlanned([.. RunsOf(0), .. RunsOf(2)]));
        var after = Later(study, before);
        Assert.Equal([.. RunsOf(0), .. RunsOf(2)], after.Rows.Select(row => row.Id));
        Assert.True(after.Since(before.Version) is { Whole: true, Rows.Count: 4 }); // so that a page forgets what is gone
        Assert.True(after.Since(after.Version) is { Whole: false, Rows.Count: 0 });

        Change(store => store.SetPlanned([.. RunsOf(0), .. RunsOf(1)])); // and back: every run is known already
        Assert.Equal(before.Rows.Select(row => row.Id), Later(study, after).Since(after.Version).Rows.Select(row => row.Id));
    }

    [Fact]
    public void A_recipe_that_compares_by_something_else_has_another_answer_from_the_same_runs()
    {
        new GeneratedStore(Store, 3, 5).Make();
        using var study = new WatchedStudy(Store);
        string Answer()
        {
            // On a busy machine making it may have taken so long that it is not made again at once.
            (IReadOnlyList<Section> Sections, bool Behind) made = ([], true);
            Assert.True(SpinWait.SpinUntil(() => !(made = study.Frontier.Now()).Behind, TimeSpan.FromMinutes(2)), "the answer stays behind");
            return string.Join(' ', made.Sections[0].Blocks.OfType<Paragraph>().Select(block => block.Text));
        }
        Assert.Contains("against parameters", Answer(), StringComparison.Ordinal);
        var before = study.Now();
        Change(store =>
        {
            store.SetFact("cost", "training-flops");
            store.SetFact("recipe", "name: other\n");
        });
        Later(study, before);
        var answer = Answer();
        Assert.Contains("against training compute", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("parameters", answer, StringComparison.Ordinal);
    }

    private static string[] RunsOf(int shape) => [GeneratedStore.PretrainingOf(shape), GeneratedStore.TuningOf(shape)];

    private void Change(Action<StudyStore> change)
    {
        using var store = StudyStore.Open(Store);
        change(store);
    }

    /// <summary>The first standing that is not this one.</summary>
    private static Standing Later(WatchedStudy study, Standing before)
    {
        Assert.True(SpinWait.SpinUntil(() => study.Now().Version > before.Version, TimeSpan.FromSeconds(60)), "nothing has changed");
        return study.Now();
    }
}
