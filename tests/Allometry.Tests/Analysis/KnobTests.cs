using Allometry.Analysis;

namespace Allometry.Tests.Analysis;

public sealed class KnobTests
{
    private static readonly Findings Grid = Findings.Of(TableStudy.Of(
        Shape("base", 10, 0.50, 4, 64, 256, 4), Shape("deep", 20, 0.60, 8, 64, 256, 4), Shape("deeper", 80, 0.66, 16, 64, 256, 4),
        Shape("wide", 30, 0.53, 4, 128, 256, 4), Shape("heads", 15, 0.49, 4, 64, 256, 8), Shape("apart", 90, 0.70, 8, 256, 1024, 8)));

    [Fact]
    public void A_sweep_holds_the_shapes_that_differ_in_its_knob_alone()
    {
        string[] Sweeps(string knob) => [.. Knob.All.Single(one => one.Name == knob).Sweeps(Grid.Shapes).Select(sweep => string.Join(' ', sweep.Select(shape => shape.Name)))];
        Assert.Equal(["base deep deeper"], Sweeps("depth"));
        Assert.Equal(["base wide"], Sweeps("width"));
        Assert.Equal(["base heads"], Sweeps("heads"));
        Assert.Empty(Sweeps("feed-forward"));
        Assert.False(Knob.All.Single(one => one.Name == "head-width").Varies(Grid.Shapes));
    }

    [Fact]
    public void What_a_turn_bought_is_worked_out_by_hand()
    {
        var turns = KnobTurn.All(Grid, Grid.Main);
        var flops = CostAxis.Find("training-flops")!;
        Assert.Equal(["base deep", "deep deeper", "base wide", "base heads"], turns.Select(turn => $"{turn.From.Name} {turn.To.Name}"));
        Assert.Equal((0.10, 2.0, 0.10), (Math.Round(turns[0].Gain, 12), turns[0].Times(flops), Math.Round(turns[0].GainPerDoubling(flops), 12)));
        Assert.Equal((0.06, 4.0, 0.03), (Math.Round(turns[1].Gain, 12), turns[1].Times(flops), Math.Round(turns[1].GainPerDoubling(flops), 12)));
        Assert.Equal(-0.01, turns[3].Gain, 12);
        Assert.Equal(0.10, KnobTurn.All(Grid, Yardstick.Loss)[0].Gain, 12); // the loss falls by as much, which is a gain
    }

    private static TableStudy.Line Shape(string name, double cost, double quality, int layers, int width, int feedForward, int heads) =>
        new(name, cost, cost, cost, [(4 - quality, quality, cost)]) { Dimensions = (layers, width, feedForward, heads) };
}
