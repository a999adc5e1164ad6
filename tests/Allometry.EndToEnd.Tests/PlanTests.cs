using System.Text.Json;

namespace Allometry.EndToEnd.Tests;

/// <param name="cache">Of these tests alone: what is compared comes of one measurement of this machine, which others that share a cache would replace when a quarter of an hour has gone.</param>
public sealed class PlanTests(Folder cache) : IClassFixture<Folder>, IDisposable
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

    [Fact]
    public void A_cluster_takes_the_sum_of_its_runs_in_node_hours_and_less_time_on_more_nodes()
    {
        var profile = folder.Write("profile.yaml", "{ kind: slurm, node-cores: 1, nodes: 1 }");
        var (one, many) = (Plan("--json", "--backend", "slurm", "--profile", profile), Plan("--json", "--backend", "slurm", "--profile", profile, "--nodes", "100"));
        var cluster = many.GetProperty("cluster");
        var runs = many.GetProperty("runs").EnumerateArray().ToList();

        Assert.Equal(100, cluster.GetProperty("nodes").GetInt32());
        Assert.Equal(runs.Sum(run => run.GetProperty("seconds").GetDouble() * run.GetProperty("threads").GetInt32()) / 3600, cluster.GetProperty("nodeHours").GetDouble(), 1e-9);
        Assert.Equal(runs.Max(run => run.GetProperty("end").GetDouble()), cluster.GetProperty("wallSeconds").GetDouble(), 1e-9);
        Assert.True(one.GetProperty("cluster").GetProperty("wallSeconds").GetDouble() > 1.5 * cluster.GetProperty("wallSeconds").GetDouble());
        Assert.True(cluster.GetProperty("diskBytes").GetDouble() > runs.Sum(run => 4 * run.GetProperty("parameters").GetDouble()));
    }

    [Fact]
    public void What_changes_the_numbers_of_a_run_changes_them_in_its_plan_and_a_cluster_may_have_what_this_machine_lacks()
    {
        string[] Ids(params string[] options) => [.. Plan(["--json", .. options]).GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("id").GetString()!)];
        var (usual, plain, cuda) = (Ids(), Ids("--plain"), Ids("--device", "cuda", "--backend", "slurm"));
        Assert.Equal(3 * usual.Length, usual.Concat(plain).Concat(cuda).Distinct().Count());
        Assert.Equal(usual, Ids("--backend", "slurm"));
    }

    [Fact]
    public void Options_of_a_cluster_without_one_are_refused() => Assert.All((string[][])[["--nodes", "2"], ["--profile", "x.yaml"], ["--backend", "slurm", "--nodes", "0"]], options =>
    {
        var ended = AllometryProcess.Run(folder.Path, ["plan", AllometryProcess.Recipe, .. options]);
        ended.HasEndedWith(1);
        Assert.Contains(options[^2], ended.Error, StringComparison.Ordinal);
    });

    private JsonElement Plan(params string[] options)
    {
        var ended = AllometryProcess.RunWith("XDG_CACHE_HOME", cache.Path, folder.Path, ["plan", AllometryProcess.Recipe, .. options]);
        ended.HasEndedWith(0);
        return JsonDocument.Parse(ended.Output).RootElement;
    }
}
