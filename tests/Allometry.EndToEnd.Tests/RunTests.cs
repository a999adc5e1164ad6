using System.Text.Json;

[assembly: AssemblyFixture(typeof(Allometry.EndToEnd.Tests.UndisturbedRun))]

namespace Allometry.EndToEnd.Tests;

/// <summary>One undisturbed run of the smoke recipe, which the others are compared with.</summary>
public sealed class UndisturbedRun : IDisposable
{
    public UndisturbedRun() => Ended = AllometryProcess.Run(Folder.Path, "run", AllometryProcess.Recipe);

    public Folder Folder { get; } = new();

    public Ended Ended { get; }

    public string Store => Folder.At(".allometry", "smoke");

    /// <summary>One of its models; of the store's other folders one may be written anew.</summary>
    public string Model => Directory.EnumerateDirectories(Path.Combine(Store, "artifacts"), "model", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();

    public IReadOnlyList<string> Results => EndToEnd.Tests.Results.Of(Store);

    public void Dispose()
    {
        Folder.Dispose();
        Directory.Delete(AllometryProcess.Cache, recursive: true);
    }
}

public sealed class RunTests(UndisturbedRun undisturbed) : IDisposable
{
    private readonly Folder folder = new();

    private string Store => folder.At(".allometry", "smoke");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_ends_by_printing_the_path_of_its_report()
    {
        Assert.True(undisturbed.Ended.Code == 0, undisturbed.Ended.Error);
        Assert.EndsWith(".html", undisturbed.Ended.LastLine, StringComparison.Ordinal);
        Assert.Contains("plotly", File.ReadAllText(undisturbed.Ended.LastLine), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(6, Results.Count(undisturbed.Store, "select count(*) from attempts where state = 'Done'"));
    }

    [Fact]
    public void Running_again_does_nothing_and_says_so()
    {
        var before = undisturbed.Results;
        var again = AllometryProcess.Run(undisturbed.Folder.Path, "run", AllometryProcess.Recipe);

        Assert.Equal(0, again.Code);
        Assert.Contains("Nothing to do", again.Output, StringComparison.Ordinal);
        Assert.Equal(before, undisturbed.Results);
        Assert.Equal(6, Results.Count(undisturbed.Store, "select count(*) from attempts"));
    }

    [Fact]
    public void A_run_killed_in_the_middle_and_resumed_ends_as_an_undisturbed_one()
    {
        using (var process = AllometryProcess.Start(folder.Path, "run", AllometryProcess.Recipe, "--checkpoint-every", "1ms"))
        {
            process.Until(() => Results.HasState(Store));
            var workers = process.Hold(_ => Results.HasState(Store));
            process.Kill();
            AllometryProcess.GoOn(workers);
            process.Wait();
        }
        var resumed = AllometryProcess.Run(folder.Path, "run", AllometryProcess.Recipe);

        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Contains("goes on from step", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(undisturbed.Results, Results.Of(Store));
    }

    [Fact]
    public void Control_C_saves_exits_130_and_the_next_run_goes_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no SIGINT");
        Assert.SkipWhen(Signals.InterruptsAreIgnored, "these tests were started so that SIGINT is ignored, which their processes inherit");
        using (var process = AllometryProcess.Start(folder.Path, "run", AllometryProcess.Recipe))
        {
            process.Until(() => Results.Attempts(Store) > 0);
            process.Interrupt();
            var ended = process.Wait();
            Assert.True(ended.Code == 130, $"{ended.Code}: {ended.Output} {ended.Error}");
            Assert.Contains("saved", ended.Error, StringComparison.Ordinal);
        }
        Assert.Equal(0, AllometryProcess.Run(folder.Path, "run", AllometryProcess.Recipe).Code);
        Assert.Equal(undisturbed.Results, Results.Of(Store));
    }

    [Fact]
    public void A_second_process_on_the_same_store_is_refused()
    {
        using var first = AllometryProcess.Start(folder.Path, "run", AllometryProcess.Recipe);
        first.Until(() => Results.Attempts(Store) > 0); // of a store that is still being made other things are told
        var second = AllometryProcess.Run(folder.Path, "run", AllometryProcess.Recipe);

        Assert.Equal(1, second.Code);
        Assert.Contains("another process", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Status_report_and_plan_speak_json_about_what_was_run()
    {
        var status = Document("status", undisturbed.Store, "--json");
        var report = Document("report", undisturbed.Store, "--json", "--output", folder.At("report"));
        var plan = Document("plan", AllometryProcess.Recipe, "--store", undisturbed.Store, "--json");

        Assert.All(status.GetProperty("runs").EnumerateArray(), run => Assert.Equal("done", run.GetProperty("state").GetString()));
        Assert.NotEqual(JsonValueKind.Undefined, report.ValueKind);
        Assert.True(File.Exists(folder.At("report", "report.md")));
        Assert.All(plan.GetProperty("runs").EnumerateArray(), run => Assert.True(run.GetProperty("done").GetBoolean()));
    }

    [Fact]
    public void A_finished_model_answers_and_is_scored()
    {
        var answers = AllometryProcess.Run(folder.Path, "generate", undisturbed.Model, "--text", "element: Gets the name.", "--max-new-tokens", "4", "--json");

        Assert.True(answers.Code == 0, answers.Error);
        Assert.Equal("element: Gets the name.", JsonDocument.Parse(answers.Output).RootElement[0].GetProperty("input").GetString());
    }

    private JsonElement Document(params string[] arguments)
    {
        var ended = AllometryProcess.Run(folder.Path, arguments);
        Assert.True(ended.Code == 0, ended.Error);
        return JsonDocument.Parse(ended.Output).RootElement;
    }
}
