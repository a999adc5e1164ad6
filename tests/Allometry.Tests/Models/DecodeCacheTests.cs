using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Tests.Models;

public class DecodeCacheTests
{
    [Fact]
    public void What_is_appended_piece_by_piece_is_there_as_a_whole_also_after_rows_changed()
    {
        using var scope = NewDisposeScope();
        using var cache = new DecodeCache();
        using var mixer = new Silent();
        var whole = rand([3, 2, 0, 4]);
        foreach (var length in (int[])[1, 1, 14, 1, 40, 3, 1])
        {
            var piece = rand([whole.size(0), 2, length, 4]);
            whole = cat([whole, piece], 2);
            var appended = cache.Append(mixer, piece, piece * 2);
            Assert.True(appended[0].equal(whole).all().item<bool>() && appended[1].equal(whole * 2).all().item<bool>());
            var rows = tensor(new long[] { 1, 0, 1, 2 });
            cache.Choose(rows);
            whole = whole.index_select(0, rows);
        }
    }

    [Fact]
    public void Memory_grows_only_now_and_then()
    {
        using var scope = NewDisposeScope();
        using var cache = new DecodeCache();
        using var mixer = new Silent();
        var rooms = new HashSet<long>();
        for (var i = 0; i < 1000; i++)
        {
            cache.Append(mixer, rand([1, 1, 1, 2]));
            rooms.Add(cache.Load(mixer)![0].size(2));
        }
        Assert.InRange(rooms.Count, 2, 10);
    }

    private sealed class Silent() : Mixer("silent")
    {
        public override Tensor forward(Tensor x, Context context) => x;
    }
}
