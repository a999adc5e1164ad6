using Allometry.Analysis.Stopping;

namespace Allometry.Tests.Analysis.Stopping;

public class SuccessiveHalvingTests
{
    private static Contender Shape(string name, double cost, double loss, double? final = null) => new(name, [cost], [new([(10, 9), (20, loss)], 100, final)]);

    [Fact]
    public void Those_go_on_that_no_other_beats_at_no_higher_cost()
    {
        // a, b and d stand on the frontier so far; c is beaten by b alone, e by all, f by b and d.
        Contender[] shapes = [Shape("a", 1, 4), Shape("b", 2, 3), Shape("c", 3, 3.1), Shape("d", 4, 2.5), Shape("e", 5, 5), Shape("f", 6, 3.5)];
        Assert.Equal(["c", "e", "f"], new SuccessiveHalving().Decide(shapes).Select(lost => lost.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["e", "f"], new SuccessiveHalving(Keep: 0.6).Decide(shapes).Select(lost => lost.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_loss_that_is_no_number_goes_first_and_a_finished_shape_never()
    {
        Contender[] shapes = [Shape("a", 1, 4), Shape("b", 1, double.NaN), Shape("c", 3, 5, final: 4.5), Shape("d", 2, 3)];
        Assert.Equal(["b"], new SuccessiveHalving().Decide(shapes).Select(lost => lost.Name));
    }

    [Fact]
    public void One_always_goes_on() => Assert.Single(new SuccessiveHalving(Keep: 0.01).Decide([Shape("a", 1, 4), Shape("b", 1, 3)]));
}
