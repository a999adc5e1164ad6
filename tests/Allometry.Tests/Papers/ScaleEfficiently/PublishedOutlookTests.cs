using Allometry.Advising;
using Allometry.Models;
using Allometry.Papers.ScaleEfficiently;
using Allometry.Tests.Analysis.Laws;

namespace Allometry.Tests.Papers.ScaleEfficiently;

/// <summary>Published runs are hidden and asked for.</summary>
public sealed class PublishedOutlookTests
{
    [Fact]
    public void Published_runs_that_are_hidden_are_foretold_within_their_intervals()
    {
        var outlook = PublishedOutlook.Of(row => double.Parse(row.Cells["params_total"], System.Globalization.CultureInfo.InvariantCulture) is > 1e9 and < 2e9);
        var hidden = Published("c4_original-open_lm_1b-1.0");
        var some = Trial.Usual().Of(new Shape(64, 256, 32, 2, 2, 2, 2048));
        var candidate = some with { Load = some.Load with { Parameters = (long)hidden("params_total"), Steps = 1, TokensPerStep = hidden("tokens") } };
        Assert.True(outlook.Loss(candidate).Interval!.Holds(hidden("loss_c4_val")));
        Assert.True(outlook.Quality(candidate)!.Interval!.Holds(1 - hidden("err17")));
        Assert.InRange(outlook.Narrowed(candidate, candidate), 0.3, 1);
    }

    [Fact]
    public void Published_runs_are_held_against_what_the_cheap_ones_of_them_foretell()
    {
        var tests = PublishedOutlook.Of().BackTests;
        Assert.Equal(["loss", "quality", "loss", "quality"], tests.Select(test => test.Quantity));
        Assert.All(tests, test => Assert.InRange(test.Figures.Mare, 0.001, 0.1));
        Assert.All(tests.Where(test => test.Quantity == "quality"), test => Assert.All(test.Tests, tested => Assert.Equal(1 - Published(tested.Observed.Run)("err17"), tested.Observed.Y, 1e-12)));
    }

    private static Func<string, double> Published(string name)
    {
        var row = ScalingGoldens.OpenLm.Rows.Single(row => row.Cells["name"] == name);
        return column => double.Parse(row.Cells[column], System.Globalization.CultureInfo.InvariantCulture);
    }
}
