using Allometry.Experiments;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Tests.Experiments;

public class FeasibilityTests
{
    private const long Plenty = 1L << 40;

    private static readonly Stage Stage = new ScriptedStage("tag");

    [Fact]
    public void What_a_processor_lacks_for_bfloat16_is_named()
    {
        var recipe = Small.Recipe([Stage]) with { Precision = Precision.Bfloat16 };
        Assert.Contains("avx512_bf16", Assert.Single(Feasibility.Problems(recipe.Plan(), Plenty, lack: "it has no avx512_bf16")).ToString(), StringComparison.Ordinal);
        Assert.Empty(Feasibility.Problems(recipe.Plan(), Plenty, lack: null));
    }

    [Fact]
    public void A_GPU_that_is_not_there_is_refused_rather_than_quietly_not_used()
    {
        var plan = Small.Recipe([Stage]).Expand(new Numerics(1, "cuda"), 384, file => file);
        Assert.Contains("no GPU here", Assert.Single(Feasibility.Problems(plan, Plenty, lack: null, noGpu: "no GPU here")).ToString(), StringComparison.Ordinal);
        Assert.Empty(Feasibility.Problems(plan, Plenty, lack: null, noGpu: null));
        Assert.Empty(Feasibility.Problems(Small.Recipe([Stage]).Plan(), Plenty, lack: null, noGpu: "no GPU here"));
        Assert.Equal(Allometry.Native.Libtorch.LackForCuda() is null ? [] : ["--device cuda"], Feasibility.Problems(plan, Plenty).Select(problem => problem.Where)); // this very machine
    }

    [Fact]
    public void bfloat16_on_a_GPU_needs_no_units_of_the_processor() =>
        Assert.Empty(Feasibility.Problems((Small.Recipe([Stage]) with { Precision = Precision.Bfloat16 }).Expand(new Numerics(1, "cuda", Precision: Precision.Bfloat16), 384, file => file), Plenty, lack: "none"));

    [Fact]
    public void A_baseline_is_a_shape_or_an_arm_of_one_that_goes_through_it()
    {
        Stage[] stages = [new ScriptedStage("pre", First: true) { Arm = "x", Only = ["a"] }, new ScriptedStage("other", First: true) { Arm = "y" }];
        string[] Refused(string baseline) => [.. Feasibility.Problems((Small.Recipe(stages) with { Compare = new(Baseline: baseline) }).Plan(), Plenty).Select(problem => problem.Where)];
        Assert.All(new[] { "a", "b", "a · x", "a · y", "b · y" }, name => Assert.Empty(Refused(name)));
        Assert.All(new[] { "x", "b · x", "a · z" }, name => Assert.Equal(["compare: baseline"], Refused(name)));
    }

    [Fact]
    public void What_other_machines_lack_is_not_looked_for_on_this_one()
    {
        var plan = (Small.Recipe([Stage]) with { Precision = Precision.Bfloat16 }).Expand(shape => new Numerics(1, shape.Name == "a" ? "cuda" : "cpu", Precision: Precision.Bfloat16), 384, file => file);
        Assert.Equal(2, Feasibility.Problems(plan, Plenty, lack: "no units", noGpu: "no GPU").Count());
        Assert.Empty(Feasibility.Problems(plan, Plenty, elsewhere: true));
        Assert.Single(Feasibility.Problems(plan, memory: 1 << 10, elsewhere: true).DistinctBy(problem => problem.What.Split(' ')[0])); // what a profile gives is known
    }

    [Theory]
    [InlineData(1, 1, "dense gated", "gated")]
    [InlineData(2, 1, "dense gated", null)] // one stack comes to it
    [InlineData(3, 3, "dense dense dense gated", "gated")]
    [InlineData(2, 2, "dense gated dense", null)] // what is left over is like what is there
    public void A_feed_forward_in_turn_that_no_stack_is_deep_enough_for_is_told(int encoder, int decoder, string turn, string? told)
    {
        var architecture = new EncoderDecoder { FeedForward = new InTurnFeedForward { Of = [.. turn.Split(' ').Select(kind => Reader.Read<FeedForward>(kind, "test"))] } };
        var recipe = Small.Recipe([Stage], [Small.Shape("a") with { EncoderLayers = encoder, DecoderLayers = decoder }]) with { Architecture = architecture };
        Assert.Equal(told is null ? [] : [$"shape a: it has too few layers to come to '{told}'"], Feasibility.Problems(recipe.Plan(), Plenty).Select(problem => problem.ToString().Split(',')[0]));
    }

    [Fact]
    public void A_sound_plan_has_no_problem() => Assert.Empty(Feasibility.Problems(Small.Recipe([Stage]).Plan(), Plenty));

    [Fact]
    public void Two_arms_of_one_name_are_told_where_a_shape_goes_through_both()
    {
        Stage[] stages = [Stage with { Arm = "x", Only = ["a"] }, new ScriptedStage("other") { Arm = "x", Only = ["b"] }];
        Assert.Empty(Feasibility.Problems(Small.Recipe(stages).Plan(), Plenty));
        Assert.Contains("two scripted stages of a shape are called 'x'", Assert.Single(Feasibility.Problems(Small.Recipe([stages[0], stages[1] with { Only = null }]).Plan(), Plenty)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var recipe = Small.Recipe([Stage], [Small.Shape("a"), Small.Shape("a", 48), Small.Shape("c", 48)]) with
        {
            Name = "no/name",
            Threads = 0,
            Compare = new(["tga"], ["parameter"], "b"),
        };
        var problems = Feasibility.Problems(recipe.Plan(), Plenty).Select(problem => problem.ToString()).ToList();

        string[] expected = ["'a'", "same shape", "no/name", "0 threads", "did you mean 'tag'", "did you mean 'parameters'", "no shape is called 'b'"];
        Assert.All(expected, part => Assert.Contains(problems, problem => problem.Contains(part, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_shape_that_does_not_fit_the_memory_is_refused_by_name()
    {
        var problem = Assert.Single(Feasibility.Problems(Small.Recipe([Stage], [Small.Shape("huge")]).Plan(), memory: 1 << 20));
        Assert.Contains("huge", problem.Where, StringComparison.Ordinal);
        Assert.Contains("memory", problem.What, StringComparison.Ordinal);
    }
}
