using Allometry.Models;
using Allometry.Papers.LongT5;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.LongT5;

public class BandTests
{
    [Theory]
    [InlineData(127, 16384, 128, 128, 384)]
    [InlineData(127, 129, 128, 2, 384)]
    [InlineData(127, 128, 128, 1, 128)]
    [InlineData(127, 5, 5, 1, 5)]
    [InlineData(1, 3, 2, 2, 6)]
    public void Blocks_are_one_longer_than_the_radius_and_see_their_neighbours(int radius, int length, int block, int blocks, int window)
    {
        var band = new Band(radius, length);
        Assert.Equal((block, blocks, window), (band.Block, band.Blocks, band.Window));
    }

    [Fact] // longt5.md section 4: blocks of 2, three real positions of five
    public void A_window_shows_the_real_neighbours_within_the_radius()
    {
        using var scope = NewDisposeScope();
        var band = new Band(1, 5);
        var real = tensor(new[] { true, true, true, false, false }).unsqueeze(0);
        var seen = band.Unseen(real, CPU).logical_not().logical_and(band.Bias(null, zeros(0)).gt(Context.Hidden)); // [1, 1, block, query, key]
        // Beside the reference's mask, in which what is no text sees nothing either: here query 3 (block 1, row 1) sees key 2, and nobody looks at it.
        Assert.Equal(
            ["001100", "001110", "011000", "001000", "000000", "000000"],
            Enumerable.Range(0, 6).Select(row => string.Concat(seen.reshape(6, 6)[row].data<bool>().ToArray().Select(one => one ? '1' : '0'))));
    }

    [Theory, InlineData(3, 10), InlineData(3, 4), InlineData(5, 3), InlineData(1, 9)]
    public void Windows_hold_what_lies_around_their_block(int radius, int length)
    {
        using var scope = NewDisposeScope();
        var band = new Band(radius, length);
        var x = arange(1, length + 1, float32).view(1, 1, length, 1);
        var windows = band.Windows(x); // [block, 1, key]
        for (var block = 0; block < band.Blocks; block++)
            for (var key = 0; key < band.Window; key++)
            {
                var position = (block * band.Block) - band.Side + key;
                Assert.Equal(position >= 0 && position < length ? position + 1 : 0, windows[block, 0, key].item<float>());
            }
    }
}
