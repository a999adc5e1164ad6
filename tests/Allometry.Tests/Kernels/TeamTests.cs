using System.Collections.Concurrent;
using Allometry.Kernels;

namespace Allometry.Tests.Kernels;

public class TeamTests
{
    public static TheoryData<int> Sizes => [1, 2, 3];

    [Theory, MemberData(nameof(Sizes))]
    public void Every_thread_runs_the_body_once_and_knows_its_number(int threads) => With(threads, () =>
    {
        var seen = new ConcurrentBag<(int Thread, int Threads)>();
        Team.Run((thread, all) => seen.Add((thread, all)));
        Assert.Equal(Enumerable.Range(0, threads).Select(thread => (thread, threads)), seen.Order());
    });

    [Theory, MemberData(nameof(Sizes))]
    public void Shares_cover_all_items_once_and_in_order(int threads) => With(threads, () =>
    {
        foreach (var items in (long[])[0, 1, 2, 3, 7, 100])
        {
            var shares = new ConcurrentBag<(int Thread, long First, long End)>();
            Team.Share(items, (thread, first, end) => shares.Add((thread, first, end)));
            Assert.Equal(Range(items), shares.Order().SelectMany(share => Range(share.End - share.First).Select(i => share.First + i)));
            Assert.All(shares, share => Assert.InRange(share.End - share.First, 1, (items + threads - 1) / threads));
        }
    });

    [Theory, MemberData(nameof(Sizes))]
    public void Blocks_cover_all_rows_once_and_are_no_larger_than_asked(int threads) => With(threads, () =>
    {
        foreach (var (rows, most) in ((long, long)[])[(0, 4), (1, 4), (7, 1), (64, 16), (65, 16), (1000, 37)])
        {
            var blocks = new ConcurrentBag<(long First, int Count)>();
            Team.Blocks(rows, most, (_, first, count) => blocks.Add((first, count)));
            Assert.Equal(Range(rows), blocks.Order().SelectMany(block => Range(block.Count).Select(i => block.First + i)));
            Assert.All(blocks, block => Assert.InRange(block.Count, 1, most));
        }
    });

    [Theory, MemberData(nameof(Sizes))]
    public void What_fails_on_a_thread_surfaces_where_the_region_was_started_and_the_next_region_runs(int threads) => With(threads, () =>
    {
        for (var failing = 0; failing < threads; failing++)
        {
            var failure = Assert.ThrowsAny<Exception>(() => Team.Run((thread, _) =>
            {
                if (thread == failing) throw new InvalidOperationException("on purpose");
            }));
            Assert.Equal("on purpose", (failure.InnerException ?? failure).Message);
            var ran = 0;
            Team.Run((_, _) => Interlocked.Increment(ref ran));
            Assert.Equal(threads, ran);
        }
    });

    [Fact]
    public void Where_the_system_gives_fewer_threads_than_were_asked_for_nothing_is_left_undone() => With(2, () =>
    {
        var seen = new ConcurrentBag<long>();
        // A region within a region has one thread.
        Team.Run((thread, _) => Team.Share(10, (_, first, end) =>
        {
            for (var i = first; i < end; i++) seen.Add((100 * thread) + i);
        }));
        Assert.Equal([.. Range(10), .. Range(10).Select(i => 100 + i)], seen.Order());
    });

    private static IEnumerable<long> Range(long count) => Enumerable.Range(0, (int)count).Select(i => (long)i);

    private static void With(int threads, Action body)
    {
        using var team = new Threads(threads);
        body();
    }
}
