using Allometry.Kinds;
using Allometry.Training;
using CsCheck;

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

    [Fact]
    public void What_a_number_of_steps_costs_buys_that_number() =>
        Gen.Select(Gen.Long[1, 1_000_000], Gen.Long[1, 100_000], Gen.Double[1e3, 1e15], Gen.Long[1, 10_000_000_000]).Sample((steps, tokens, flops, parameters) =>
        {
            foreach (var budget in (Budget[])[new(Steps: steps), new(Tokens: (double)steps * tokens), new(Flops: steps * flops), new(TokensPerParameter: (double)steps * tokens / parameters)])
                Assert.Equal(steps, budget.InSteps(tokens, flops, parameters));
        });

    [Theory]
    [InlineData("{ steps: 0 }")]
    [InlineData("{ tokens: -1 }")]
    [InlineData("{ tokens-per-parameter: 0 }")]
    public void A_budget_that_buys_nothing_is_refused(string yaml) => Assert.Throws<InputException>(() => Reader.Read<Budget>(yaml, "recipe.yaml"));
}
