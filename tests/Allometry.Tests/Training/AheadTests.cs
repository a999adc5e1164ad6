using Allometry.Training;

namespace Allometry.Tests.Training;

public sealed class AheadTests
{
    [Fact]
    public void Items_come_in_the_order_of_the_steps_whoever_is_quicker()
    {
        foreach (var (making, use) in ((int, int)[])[(0, 0), (2, 0), (0, 2)])
        {
            using var ahead = new Ahead<Item>(step => Made(step, making), first: 5, end: 25);
            Assert.Equal(Enumerable.Range(5, 20).Select(i => (long)i), Enumerable.Range(0, 20).Select(_ => Used(ahead, use)).ToList());
        }
    }

    [Fact]
    public void No_more_than_asked_for_is_made_before_it_is_needed()
    {
        var made = 0;
        using var ahead = new Ahead<Item>(step => new(step, () => { }) { Number = Interlocked.Increment(ref made) }, 0, 100, most: 3);
        for (var taken = 1; taken <= 10; taken++)
        {
            ahead.Take().Dispose();
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref made) == taken + 3, TimeSpan.FromMinutes(1)));
            Thread.Sleep(2);
            Assert.Equal(taken + 3, Volatile.Read(ref made));
        }
    }

    [Fact]
    public void Nothing_is_made_beyond_the_end_nor_by_two_threads_at_once()
    {
        var (steps, running) = (new List<long>(), 0);
        using (var ahead = new Ahead<Item>(Alone, 0, 7, most: 4))
            for (var i = 0; i < 7; i++) ahead.Take().Dispose();
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], steps);

        Item Alone(long step)
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            steps.Add(step);
            Thread.Sleep(1);
            Interlocked.Decrement(ref running);
            return new(step, () => { });
        }
    }

    [Fact]
    public void A_failure_is_thrown_where_its_item_is_taken_and_as_it_was()
    {
        using var ahead = new Ahead<Item>(step => step == 2 ? throw new FormatException("bad row") : new(step, () => { }), 0, 10);
        ahead.Take().Dispose();
        ahead.Take().Dispose();
        Assert.Equal("bad row", Assert.Throws<FormatException>(ahead.Take).Message);
    }

    [Fact]
    public void What_nobody_takes_is_disposed_and_the_rest_is_never_made()
    {
        var (made, disposed) = (0, 0);
        var ahead = new Ahead<Item>(Slow, 0, 1000);
        ahead.Take().Dispose();
        ahead.Dispose();
        var after = made;
        Assert.Equal(made, disposed);
        Assert.InRange(made, 1, 3);
        Thread.Sleep(10);
        Assert.Equal(after, made);

        Item Slow(long step)
        {
            Interlocked.Increment(ref made);
            Thread.Sleep(3);
            return new(step, () => Interlocked.Increment(ref disposed));
        }
    }

    private static Item Made(long step, int milliseconds)
    {
        Thread.Sleep(milliseconds);
        return new(step, () => { });
    }

    private static long Used(Ahead<Item> ahead, int milliseconds)
    {
        using var item = ahead.Take();
        Thread.Sleep(milliseconds);
        return item.Step;
    }

    private sealed record Item(long Step, Action Disposed) : IDisposable
    {
        public int Number { get; init; }

        public void Dispose() => Disposed();
    }
}
