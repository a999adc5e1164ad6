using System.Runtime.InteropServices;

namespace Allometry.Kernels;

/// <summary>
/// Memory that kernels use while they run, kept from call to call: after the first steps nothing is allocated and no page is touched for the first time.
/// One to each thread that starts kernels; the threads of its regions write into it too.
/// </summary>
internal sealed unsafe class Scratch
{
    private const long Alignment = 16; // floats: one cache line

    [ThreadStatic]
    private static Scratch? mine;

    private float* memory;
    private long capacity, used, wanted, most;
    private int open;
    private readonly List<nint> extra = [];

    private Scratch()
    {
    }

    /// <summary>Pieces taken until it is disposed are free again afterwards. Frames within frames end in the opposite order.</summary>
    public static Frame Open()
    {
        mine ??= new Scratch();
        mine.open++;
        return new(mine, mine.used, mine.wanted);
    }

    ~Scratch() => NativeMemory.AlignedFree(memory);

    private float* Take(long floats)
    {
        var rounded = (floats + Alignment - 1) / Alignment * Alignment;
        wanted += rounded;
        if (used + rounded <= capacity)
        {
            used += rounded;
            return memory + used - rounded;
        }
        var piece = Allocate(rounded);
        extra.Add((nint)piece);
        return piece;
    }

    private void Close(long begin, long wantedBefore)
    {
        most = Math.Max(most, wanted);
        (used, wanted) = (begin, wantedBefore);
        if (--open > 0) return;
        if (extra.Count > 0)
        {
            foreach (var piece in extra) NativeMemory.AlignedFree((void*)piece);
            extra.Clear();
            NativeMemory.AlignedFree(memory);
            memory = Allocate(most);
            capacity = most;
        }
        most = 0;
    }

    private static float* Allocate(long floats) => (float*)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), 64);

    public readonly ref struct Frame(Scratch scratch, long begin, long wanted) : IDisposable
    {
        /// <summary>Uninitialised floats, on a cache line of their own.</summary>
        public float* Floats(long count) => scratch.Take(count);

        public Matrix Matrix(long rows, long columns) => new(Floats(rows * columns), rows, columns);

        public void Dispose() => scratch.Close(begin, wanted);
    }
}
