using Allometry.Backends;
using Allometry.Backends.Slurm;
using Allometry.Experiments;
using Allometry.Kinds;
using Allometry.Tests.Experiments;

namespace Allometry.Tests.Backends;

public sealed class SlurmLauncherTests
{
    [Theory]
    [InlineData("12|10|3|PENDING|Resources||allometry-x", TaskPhase.Waiting)]
    [InlineData("12|10|3|PENDING|Dependency||allometry-x", TaskPhase.Waiting)]
    [InlineData("12|10|3|PENDING|BeginTime||allometry-x", TaskPhase.Waiting)]
    [InlineData("12|10|3|PENDING|launch failed requeued held||allometry-x", TaskPhase.Held)]
    [InlineData("12|10|3|PENDING|DependencyNeverSatisfied||allometry-x", TaskPhase.Held)]
    [InlineData("12|10|3|RUNNING|None|n1|allometry-x", TaskPhase.Running)]
    [InlineData("12|10|3|COMPLETING|None|n1|allometry-x", TaskPhase.Running)]
    [InlineData("12|10|3|SUSPENDED|None|n1|allometry-x", TaskPhase.Running)]
    [InlineData("12|10|3|TIMEOUT|TimeLimit|n1|allometry-x", TaskPhase.Ended)]
    [InlineData("12|10|3|NODE_FAIL|None|n1|allometry-x", TaskPhase.Ended)]
    public void A_task_that_may_still_run_is_alive(string line, TaskPhase phase)
    {
        var task = SlurmLauncher.Task(line)!;

        Assert.Equal(("10", 3, phase, "allometry-x"), (task.Job, task.Task, task.Phase, task.Mark));
    }

    [Fact]
    public void A_line_that_is_no_task_is_left_out() => Assert.All(["", "slurm_load_jobs error: Unable to contact", "1|2"], line => Assert.Null(SlurmLauncher.Task(line)));

    [Fact]
    public void Tasks_are_written_as_ranges_that_hold_them_all()
    {
        Assert.Equal("0-2,5,7-8", SlurmLauncher.Ranges([7, 0, 1, 2, 8, 5]));
        for (var seed = 0; seed < 50; seed++)
        {
            var tasks = new Random(seed).GetItems(Enumerable.Range(0, 60).ToArray(), 20).Distinct().ToList();
            var read = SlurmLauncher.Ranges(tasks).Split(',').Select(part => part.Split('-').Select(int.Parse).ToArray()).SelectMany(range => Enumerable.Range(range[0], range[^1] - range[0] + 1));
            Assert.Equal(tasks.Order(), read);
        }
    }

    [Fact]
    public void No_variable_of_the_submitting_shell_travels_but_those_that_the_program_reads()
    {
        Environment.SetEnvironmentVariable("SECRET_TOKEN", "swordfish");
        Environment.SetEnvironmentVariable("ALLOMETRY_TRAVELS", "it's fine");
        var profile = Reader.Read<ClusterProfile>("{ kind: slurm, environment: { MODULE: x } }", "profile.yaml");
        var script = SlurmScript.For((SlurmProfile)profile, ["/opt/allometry", "worker"], new("/store/cluster/0001", "n", "m", [0], new(1, 1, 1), null, []));

        Assert.DoesNotContain("swordfish", script, StringComparison.Ordinal);
        Assert.Contains("""export ALLOMETRY_TRAVELS='it'\''s fine'""", script, StringComparison.Ordinal);
        Assert.Contains("export MODULE='x'", script, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable("SECRET_TOKEN", null);
        Environment.SetEnvironmentVariable("ALLOMETRY_TRAVELS", null);
    }

    [Fact]
    public void Runs_of_similar_size_ask_for_the_same_and_never_for_less_than_they_need()
    {
        var profile = new SlurmProfile();
        var run = Small.Recipe([new ScriptedStage("pre", First: true)]).Plan().Runs[0];
        var asked = profile.ResourcesOf(run, Pace.Assumed(1));

        Assert.True(asked.Megabytes >= 1.25 * run.PeakBytes / (1 << 20));
        Assert.True(asked.Minutes >= 10);
        Assert.Equal(asked, profile.ResourcesOf(run with { Workload = run.Workload with { Steps = run.Workload.Steps + 1 } }, Pace.Assumed(1)));
        Assert.Equal(new(3, 954, 90), (profile with { Cores = 3, Memory = 1e9, Time = TimeSpan.FromHours(1.5) }).ResourcesOf(run, null));
    }

    [Fact]
    public void A_misspelt_profile_is_told_with_what_was_meant()
    {
        var problem = Assert.Throws<InputException>(() => Reader.Read<ClusterProfile>("{ kind: slurm, acount: x }", "profile.yaml")).Problems.Single();
        Assert.Contains("account", problem.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Two ranks of a thread each have twice the cores of one process and, by the plan, need them half as long.</summary>
    [Fact]
    public void Ranks_each_get_what_a_run_gets_and_a_plan_counts_them_all()
    {
        var alone = Small.Recipe([new ScriptedStage("pre", First: true)]).Plan().Runs[0];
        var numbers = alone.Run.Numbers;
        var pair = alone with { Run = alone.Run with { Numbers = numbers with { Numerics = numbers.Numerics with { Ranks = 2 } } } };
        var profile = new SlurmProfile { Nodes = 1, NodeCores = 2 };

        Assert.Equal(profile.ResourcesOf(alone, null) with { Ranks = 2 }, profile.ResourcesOf(pair, null));
        var pace = Pace.Assumed(1) with { StartSeconds = 0, LayerSeconds = 0 };
        var (one, two) = (ClusterForecast.Of([alone, alone], pace, profile), ClusterForecast.Of([pair, pair], pace, profile));
        Assert.Equal(one.NodeHours, two.NodeHours, one.NodeHours / 1e9);
        Assert.Equal(one.WallSeconds, two.WallSeconds, one.WallSeconds / 1e9); // side by side on a core each, and one after the other on both
    }
}
