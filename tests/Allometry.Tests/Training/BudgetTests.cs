using Allometry.Training;

namespace Allometry.Tests.Training;

public class BudgetTests
{
    [Theory]
    [InlineData(7L, null, null, null, 7)]
    [InlineData(null, 1_000.0, null, null, 10)]
    [InlineData(null, 1_049.0, null, null, 10)]
    [InlineData(null, null, 5e9, null, 5)]
    [InlineData(null, null, null, 20.0, 40)]        // 20 x 200 parameters = 4,000 tokens
    [InlineData(null, 3.0, null, null, 1)]          // never none
    public void All_four_measures_come_to_steps(long? steps, double? tokens, double? flops, double? tokensPerParameter, long expected) =>
        Assert.Equal(expected, new Budget(steps, tokens, flops, tokensPerParameter).InSteps(tokensPerStep: 100, flopsPerStep: 1e9, parameters: 200));

    [Fact]
    public void Exactly_one_measure_must_be_given()
    {
        Assert.Empty(new Budget(Steps: 1).Check());
        Assert.Single(new Budget().Check());
        Assert.Single(new Budget(Steps: 1, Tokens: 1).Check());
    }
}
