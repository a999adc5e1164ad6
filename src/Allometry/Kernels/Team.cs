using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// Runs managed code on libtorch's own OpenMP team: a region costs about a microsecond, and no second set of threads fights for the cores (a spinning one of our own was measured to cost
/// 0.4 to 2.3 ms after each operation of libtorch). MKL's products inside a region run on the thread that calls them.
/// </summary>
internal static unsafe class Team
{
    /// <summary>Threads of the regions that the calling thread starts, at most.</summary>
    public static int Size => get_num_threads();

    /// <summary>Calls the body once on each thread with its number and their count.</summary>
    public static void Run(Action<int, int> body)
    {
        var size = Size;
        if (size == 1)
        {
            body(0, 1);
            return;
        }
        var region = new Region(body, Products.Precision);
        var handle = GCHandle.Alloc(region);
        NativeCalls.Parallel(&Enter, (void*)GCHandle.ToIntPtr(handle), (uint)size, 0);
        handle.Free();
        if (region.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Calls the body on each thread with its number and its even share [first, end) of so many items.</summary>
    public static void Share(long items, Action<int, long, long> body) => Run((thread, threads) =>
    {
        var (first, end) = (items * thread / threads, items * (thread + 1) / threads);
        if (end > first) body(thread, first, end);
    });

    /// <summary>Calls the body with stretches [first, end) of at most so many rows; each thread has an even share of all rows.</summary>
    public static void Blocks(long rows, long most, Action<int, long, int> body) => Share(rows, (thread, first, end) =>
    {
        foreach (var (from, count) in Parts(first, end, most)) body(thread, from, count);
    });

    /// <summary>Even parts of [first, end) of at most so many rows: a short last one would multiply slowly.</summary>
    public static IEnumerable<(long First, int Count)> Parts(long first, long end, long most)
    {
        var parts = (end - first + most - 1) / most;
        for (var i = 0; i < parts; i++)
        {
            var (from, to) = (first + ((end - first) * i / parts), first + ((end - first) * (i + 1) / parts));
            yield return (from, (int)(to - from));
        }
    }

    [UnmanagedCallersOnly]
    private static void Enter(void* argument)
    {
        var region = (Region)GCHandle.FromIntPtr((nint)argument).Target!;
        using var products = Products.In(region.Precision);
        try { region.Body(NativeCalls.ThreadNumber(), NativeCalls.ThreadCount()); }
        catch (Exception failure) { region.Failure = failure; } // must not cross OpenMP's frames
    }

    private sealed class Region(Action<int, int> body, Precision precision)
    {
        public Precision Precision => precision;

        public Action<int, int> Body { get; } = body;

        public Exception? Failure { get; set; }
    }
}
