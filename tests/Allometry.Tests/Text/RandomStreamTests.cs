using Allometry.Text;

namespace Allometry.Tests.Text;

public sealed class RandomStreamTests
{
    [Fact] // the vector that rand_xoshiro and NumPy's ports test against
    public void It_is_the_published_generator()
    {
        var stream = new RandomStream(1, 2, 3, 4);
        ulong[] expected = [11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600, 16172922978634559625, 8476171486693032832];
        Assert.Equal(expected, expected.Select(_ => stream.Next()).ToArray());
    }

    [Fact] // computed by hand in Python: SHA-256 of seed, count of indices, indices and purpose, then one step. Every recorded run depends on it.
    public void A_key_gives_the_same_numbers_for_ever() => Assert.Equal(0xd43aaed894a0eae6UL, FirstOf(1, "objective", 5));

    [Fact]
    public void Every_part_of_the_key_counts()
    {
        var firsts = new[] { FirstOf(1, "a"), FirstOf(2, "a"), FirstOf(1, "b"), FirstOf(1, "a", 0), FirstOf(1, "a", 1), FirstOf(1, "a", 0, 1), FirstOf(1, "a", 1, 0), FirstOf(-1, "a") };
        Assert.Equal(firsts.Length, firsts.Distinct().Count());
    }

    [Fact]
    public void Numbers_below_a_bound_are_equally_likely()
    {
        var stream = RandomStream.For(7, "test");
        var counts = new int[6];
        for (var i = 0; i < 60_000; i++) counts[stream.Below(6)]++;
        Assert.True(counts.Sum(count => Math.Pow(count - 10_000, 2) / 10_000.0) < 20.5, string.Join(' ', counts)); // chi-square, 5 degrees: p = 0.001
    }

    [Fact]
    public void Every_order_of_a_shuffle_is_equally_likely()
    {
        var stream = RandomStream.For(8, "test");
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 24_000; i++)
        {
            var items = "abcd".ToCharArray();
            stream.Shuffle(items.AsSpan());
            var order = new string(items);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(24, counts.Count);
        Assert.True(counts.Values.Sum(count => Math.Pow(count - 1000, 2) / 1000.0) < 49.7); // 23 degrees: p = 0.001
    }

    [Fact]
    public void Fractions_fill_the_unit_interval()
    {
        var stream = RandomStream.For(9, "test");
        var values = Enumerable.Range(0, 10_000).Select(_ => stream.Uniform()).ToList();
        Assert.All(values, value => Assert.InRange(value, 0, 1 - 1e-16));
        Assert.InRange(values.Average(), 0.49, 0.51);
        Assert.InRange(values.Average(value => value * value), 0.32, 0.347);
    }

    [Fact]
    public void Normal_numbers_have_the_moments_and_the_tails_of_the_distribution()
    {
        var stream = RandomStream.For(10, "test");
        var values = Enumerable.Range(0, 40_000).Select(_ => stream.Normal()).ToList();
        Assert.InRange(values.Average(), -0.02, 0.02);
        Assert.InRange(values.Average(value => value * value), 0.97, 1.03);
        Assert.InRange(values.Average(value => Math.Pow(value, 4)), 2.8, 3.2);
        Assert.InRange(values.Count(value => Math.Abs(value) > 1.959964) / 40_000.0, 0.046, 0.054);
    }

    private static ulong FirstOf(long seed, string purpose, params long[] index) => RandomStream.For(seed, purpose, index).Next();
}
