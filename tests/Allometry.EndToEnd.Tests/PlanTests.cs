using System.Text.Json;

namespace Allometry.EndToEnd.Tests;

public sealed class PlanTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Times_are_predicted_from_a_measurement_of_this_machine_also_before_anything_ran()
    {
        var plan = Plan("--json");
        Assert.True(plan.GetProperty("pace").GetProperty("measured").GetBoolean());
        Assert.All(plan.GetProperty("runs").EnumerateArray(), run => Assert.InRange(run.GetProperty("seconds").GetDouble(), 1e-3, 600));
        Assert.InRange(plan.GetProperty("totals").GetProperty("secondsToDo").GetDouble(), plan.GetProperty("runs").EnumerateArray().Max(run => run.GetProperty("seconds").GetDouble()), 3600);
        Assert.False(Directory.Exists(folder.At(".allometry"))); // nothing was executed
    }

    [Fact]
    public void What_fits_is_what_ends_in_time()
    {
        var all = Plan("--json", "--fits", "2h").GetProperty("runs").EnumerateArray().ToArray();
        Assert.All(all, run => Assert.True(run.GetProperty("fits").GetBoolean()));
        var middle = all.Select(run => run.GetProperty("end").GetDouble()).Order().ElementAt(all.Length / 2);
        var some = Plan("--json", "--fits", FormattableString.Invariant($"{middle:0.000}s")).GetProperty("runs").EnumerateArray().ToArray();
        var clear = some.Where(run => Math.Abs(run.GetProperty("end").GetDouble() - middle) > 0.002).ToArray(); // the limit was rounded
        Assert.All(clear, run => Assert.Equal(run.GetProperty("end").GetDouble() < middle, run.GetProperty("fits").GetBoolean()));
        Assert.Contains(clear, run => !run.GetProperty("fits").GetBoolean());
    }

    private JsonElement Plan(params string[] options)
    {
        var ended = AllometryProcess.Run(folder.Path, ["plan", AllometryProcess.Recipe, .. options]);
        ended.HasEndedWith(0);
        return JsonDocument.Parse(ended.Output).RootElement;
    }
}
