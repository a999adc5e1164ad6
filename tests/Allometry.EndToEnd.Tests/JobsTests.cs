namespace Allometry.EndToEnd.Tests;

/// <summary>Runs go side by side in processes of their own, and no number shows it.</summary>
public sealed class JobsTests(UndisturbedRun undisturbed) : IDisposable
{
    private readonly Folder folder = new();

    private string Store => folder.At(".allometry", "smoke");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public void Results_are_the_same_to_the_last_bit_whatever_the_number_of_jobs(string jobs)
    {
        AllometryProcess.Run(folder.Path, "run", AllometryProcess.Recipe, "--jobs", jobs).HasEndedWith(0);
        Assert.Equal(undisturbed.Results, Results.Of(Store));
    }

    [Fact]
    public void No_job_at_all_is_refused()
    {
        var ended = AllometryProcess.Run(folder.Path, "run", AllometryProcess.Recipe, "--jobs", "0");
        ended.HasEndedWith(1);
        Assert.Contains("at least one run", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_whose_process_is_killed_takes_no_other_with_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "children are found in /proc");
        using var process = AllometryProcess.Start(folder.Path, "run", folder.Recipe(("steps: 60", "steps: 200")), "--jobs", "2");
        process.Until(() => Results.Attempts(Store) >= 2);
        var workers = process.Hold(workers => workers.Count == 2 && Results.Count(Store, "select count(*) from attempts where state = 'Running'") == 2);
        AllometryProcess.Kill(workers[0]);
        AllometryProcess.GoOn(workers[1]);
        var ended = process.Wait();
        ended.HasEndedWith(2);
        Assert.Contains("its process ended early: it was killed", ended.Error, StringComparison.Ordinal);
        Assert.InRange(Results.Count(Store, "select count(*) from attempts where state = 'Done'"), 3, 5);

        AllometryProcess.Run(folder.Path, "run", folder.Recipe(("steps: 60", "steps: 200"))).HasEndedWith(0);
    }

    [Fact]
    public void Workers_do_not_outlive_a_killed_parent()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "children are found in /proc");
        using var process = AllometryProcess.Start(folder.Path, "run", AllometryProcess.Recipe, "--jobs", "2");
        process.Until(() => Results.Attempts(Store) >= 2);
        var workers = process.Hold(workers => workers.Count == 2);
        process.Kill();
        AllometryProcess.GoOn(workers);
        process.Wait();

        Assert.True(SpinWait.SpinUntil(() => !workers.Any(worker => Directory.Exists($"/proc/{worker}")), TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void A_study_is_cancelled_from_elsewhere_after_saving_and_goes_on_later()
    {
        using (var process = AllometryProcess.Start(folder.Path, "run", AllometryProcess.Recipe))
        {
            process.Until(() => Results.Attempts(Store) >= 1);
            AllometryProcess.Run(folder.Path, "cancel", Store).HasEndedWith(0);
            process.Wait().HasEndedWith(130);
        }
        AllometryProcess.Run(folder.Path, "cancel", Store).HasEndedWith(1);
        AllometryProcess.Run(folder.Path, "run", AllometryProcess.Recipe).HasEndedWith(0);
        Assert.Equal(undisturbed.Results, Results.Of(Store));
    }
}
