using Allometry.Native;
using static TorchSharp.torch;

namespace Allometry.Tests.Native;

public class FreedBlocksTests
{
    private const long Mebibyte = 1 << 20, Blocks = 768;

    /// <summary>Every second one of many blocks is let go: none of the holes can be had by shrinking the heap. Other tests use memory meanwhile, but not hundreds of MiB between two looks.</summary>
    [Fact]
    public void Holes_between_blocks_that_stay_are_kept_for_later_and_go_back_when_they_are_returned()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "asks glibc");
        Libtorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        var blocks = Enumerable.Range(0, (int)Blocks).Select(_ => ones(Mebibyte / sizeof(float))).ToArray();
        foreach (var block in blocks.Where((_, i) => i % 2 == 0)) block.Dispose();
        var kept = Environment.WorkingSet;
        FreedBlocks.Return();
        var returned = Environment.WorkingSet;
        Assert.InRange(kept - returned, Blocks / 3 * Mebibyte, long.MaxValue);
        Assert.All(blocks.Where((_, i) => i % 2 == 1), block => Assert.Equal((float)(Mebibyte / sizeof(float)), block.sum().item<float>()));
    }
}
