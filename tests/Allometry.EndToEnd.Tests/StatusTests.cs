using System.Text.Json;

namespace Allometry.EndToEnd.Tests;

public sealed class StatusTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Another_terminal_sees_a_study_as_it_runs()
    {
        using var process = AllometryProcess.Start(folder.Path, "run", folder.Recipe(("budget: { steps: 60 }", "budget: { steps: 100000 }")), "--store", "store");
        process.Until(() => Results.Attempts(folder.At("store")) > 0);
        var first = WaitFor(process, run => run.GetProperty("stage").GetString() == "pretrain" && run.GetProperty("state").GetString() == "running" && run.GetProperty("step").GetInt64() > 0);
        Assert.InRange(first.GetProperty("loss").GetDouble(), 0.1, 20);
        Assert.Equal(100000, first.GetProperty("steps").GetInt64());
        var later = WaitFor(process, run => run.GetProperty("run").GetString() == first.GetProperty("run").GetString() && run.GetProperty("step").GetInt64() > first.GetProperty("step").GetInt64());
        Assert.Equal("running", later.GetProperty("state").GetString());
        process.Kill();
        process.Wait();
    }

    private JsonElement WaitFor(AllometryProcess process, Func<JsonElement, bool> condition)
    {
        JsonElement? found = null;
        process.Until(() => (found = Runs().Cast<JsonElement?>().FirstOrDefault(run => condition(run!.Value))) is not null);
        return found!.Value;
    }

    private JsonElement[] Runs()
    {
        var ended = AllometryProcess.Run(folder.Path, "status", "store", "--json");
        ended.HasEndedWith(0);
        return [.. JsonDocument.Parse(ended.Output).RootElement.GetProperty("runs").EnumerateArray()];
    }
}
