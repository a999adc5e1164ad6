using Allometry.Papers.LongT5;
using Allometry.Text;

namespace Allometry.Tests.Papers.LongT5;

public class DistantKeyTests
{
    private static readonly ByteTokenizer Bytes = new();

    [Fact]
    public void One_key_stands_in_the_text_and_is_asked_for_at_the_distances_wanted()
    {
        var places = new HashSet<int>();
        for (var seed = 0; seed < 300; seed++)
        {
            var example = new DistantKey(Keys: 4, Nearest: 2, Farthest: 5).Make(new int[20], Bytes, RandomStream.For(seed, "test"));
            var place = Array.FindIndex(example.Inputs, id => id is >= 3 and < 7);
            places.Add(place);
            Assert.Single(example.Inputs, id => id < 7);
            Assert.All(example.Inputs, id => Assert.InRange(id, 3, 258));
            Assert.Equal(Enumerable.Range(0, 20).Select(i => Math.Abs(i - place) is >= 2 and <= 5 ? example.Inputs[place] : 0), example.Targets);
        }
        Assert.Equal(20, places.Count);
    }

    [Fact]
    public void What_cannot_be_asked_is_refused()
    {
        Assert.Empty(new DistantKey().Problems("here", 256, Bytes));
        Assert.NotEmpty(new DistantKey(Nearest: 9, Farthest: 8).Problems("here", 256, Bytes));
    }
}
