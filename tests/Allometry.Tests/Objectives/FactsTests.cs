using Allometry.Objectives;
using Allometry.Tasks;
using Allometry.Text;

namespace Allometry.Tests.Objectives;

public class FactsTests
{
    private static readonly ByteTokenizer Bytes = new();

    [Fact]
    public void A_fact_is_always_the_same_and_symbols_of_each_place_are_its_own()
    {
        var known = new Dictionary<(int, int), int>();
        foreach (var example in Drawn(new Facts(Subjects: 5, Relations: 4, Values: 3), 2000))
        {
            Assert.InRange(example.Inputs[0], 3, 7);
            Assert.InRange(example.Inputs[1], 8, 11);
            var value = Assert.Single(example.Targets);
            Assert.InRange(value, 12, 14);
            Assert.Equal(value, known.TryAdd((example.Inputs[0], example.Inputs[1]), value) ? value : known[(example.Inputs[0], example.Inputs[1])]);
        }
        Assert.Equal(20, known.Count);
    }

    [Fact]
    public void Neither_symbol_alone_tells_the_value()
    {
        var counts = new int[64];
        foreach (var example in Drawn(new Facts(), 20_000).DistinctBy(example => (example.Inputs[0], example.Inputs[1]))) counts[example.Targets[0] - 3 - 128 - 64]++;
        var mean = counts.Average(); // about 117 of each value; chi-squared of 63 degrees of freedom is below 110 but once in 4,000 tables
        Assert.InRange(counts.Sum(count => (count - mean) * (count - mean) / mean), 20, 110);
        foreach (var place in new[] { 0, 1 })
            Assert.All(Drawn(new Facts(), 5000).GroupBy(example => example.Inputs[place]).Where(group => group.Count() > 10), group => Assert.True(group.DistinctBy(example => example.Targets[0]).Count() > 4));
    }

    [Fact]
    public void Another_table_has_other_facts()
    {
        var other = Drawn(new Facts(Table: 2), 500);
        Assert.InRange(Drawn(new Facts(), 500).Zip(other).Count(pair => pair.First.Targets[0] == pair.Second.Targets[0]), 0, 30);
    }

    [Fact]
    public void More_symbols_than_the_vocabulary_has_are_refused()
    {
        Assert.Empty(new Facts().Problems("here", 3, Bytes));
        Assert.Contains("256 symbols", Assert.Single(new Facts(Values: 65).Problems("here", 3, Bytes)).What, StringComparison.Ordinal);
    }

    private static List<Example> Drawn(Facts facts, int count) => [.. Enumerable.Range(0, count).Select(i => facts.Make(new int[2], Bytes, RandomStream.For(7, "test", i)))];
}
