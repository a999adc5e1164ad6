using System.Collections.Concurrent;
using Allometry.Ranks;

namespace Allometry.Tests.Ranks;

/// <summary>Peers that are threads of this process: what each calls waits for the others, as it does between processes.</summary>
internal sealed unsafe class ThreadPeers(int rank, ThreadPeers.Board board) : Peers
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private int begun;

    public override int Rank => rank;

    public override int Count => board.Given.Length;

    /// <summary>The work of each of so many, in the order of their ranks, with one thread of libtorch's each: more would wait for each other.</summary>
    public static T[] Run<T>(int count, Func<Peers, T> work)
    {
        var board = new Board(count);
        var before = TorchSharp.torch.get_num_threads();
        TorchSharp.torch.set_num_threads(1);
        var results = new T[count];
        Exception? failure = null;
        var threads = Enumerable.Range(0, count).Select(rank => new Thread(() =>
        {
            try { results[rank] = work(new ThreadPeers(rank, board)); }
            catch (Exception error) { Interlocked.CompareExchange(ref failure, error, null); }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        TorchSharp.torch.set_num_threads(before);
        return failure is null ? results : throw new InvalidOperationException("One of the peers failed.", failure);
    }

    public override void Sum(Span<double> values)
    {
        var all = Gather(values.ToArray());
        for (var i = 0; i < values.Length; i++) values[i] = all.Sum(each => each[i]);
    }

    public override Pending BeginSum(float* values, int count)
    {
        var sum = board.Sums.GetOrAdd(begun++, _ => new(Count));
        sum.Given[rank] = new Span<float>(values, count).ToArray();
        sum.Ready.Signal();
        return new Waiting(sum, (nint)values);
    }

    public override void Exchange(ReadOnlySpan<float> given, ReadOnlySpan<int> toEach, Span<float> received, ReadOnlySpan<int> fromEach)
    {
        var counts = toEach.ToArray();
        var floats = given.ToArray();
        var all = Gather((floats, counts));
        received.Clear();
        var at = 0;
        foreach (var (from, (values, sent)) in all.Index())
        {
            Assert.Equal(fromEach[from], sent[rank]);
            values.AsSpan(sent[..rank].Sum(), sent[rank]).CopyTo(received[at..]);
            at += sent[rank];
        }
    }

    public override void Exchange(ReadOnlySpan<int> given, Span<int> received)
    {
        var each = given.Length / Count;
        foreach (var (from, values) in Gather(given.ToArray()).Index()) values.AsSpan(rank * each, each).CopyTo(received[(from * each)..]);
    }

    public override string Tell(string? word) => Gather(word)[0]!;

    private T[] Gather<T>(T mine)
    {
        board.Given[rank] = mine;
        Meeting();
        T[] all = [.. board.Given.Select(each => (T)each!)];
        Meeting();
        return all;
    }

    private void Meeting()
    {
        if (!board.Door.SignalAndWait(Patience)) throw new TimeoutException("A peer did not come.");
    }

    internal sealed class Board(int count)
    {
        public object?[] Given { get; } = new object?[count];

        public Barrier Door { get; } = new(count);

        public ConcurrentDictionary<int, Adding> Sums { get; } = new();
    }

    internal sealed class Adding(int count)
    {
        public float[][] Given { get; } = new float[count][];

        public CountdownEvent Ready { get; } = new(count);
    }

    private sealed class Waiting(Adding sum, nint values) : Pending
    {
        public override void Advance() { }

        public override void Wait()
        {
            if (!sum.Ready.Wait(Patience)) throw new TimeoutException("A peer began no such sum.");
            var target = new Span<float>((void*)values, sum.Given[0].Length);
            for (var i = 0; i < target.Length; i++) target[i] = sum.Given.Aggregate(0f, (total, each) => total + each[i]);
        }
    }
}
