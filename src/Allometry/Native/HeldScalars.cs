using System.Runtime.InteropServices;

namespace Allometry.Native;

/// <summary>
/// Lets numbers given to libtorch live a little longer. TorchSharp makes a Scalar of the 0.5 in x * 0.5, hands its address to libtorch and does not keep it alive until libtorch has read it: a collection at that moment frees
/// it, and libtorch finds no number there, or another one (found by a run that failed with "Expected false to be true"). What is to be freed waits here until so many more have come, and so much time has passed, that nobody can be reading it any more: a thread that waits for a processor is overtaken by thousands of numbers, a process that was stopped by any length of time.
/// </summary>
internal static unsafe class HeldScalars
{
    private const string Dispose = "THSTorch_dispose_scalar";
    private const int Least = 1 << 16; // 32 bytes each
    private const long Milliseconds = 10_000;

    private static readonly Queue<(nint Scalar, long Since)> waiting = new(Least);
    private static readonly Lock making = new();
    private static delegate* unmanaged<nint, void> free;
    private static nint before;

    /// <summary>A library that stands before TorchSharp's: all functions are its, but that which frees a number. On other systems than x86-64 Linux TorchSharp's own. Asked for each function that is called for the first time, made once.</summary>
    public static nint Before(nint bridge, string file)
    {
        lock (making) return before != 0 ? before : before = Made(bridge, file);
    }

    private static nint Made(nint bridge, string file)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !NativeLibrary.TryGetExport(bridge, Dispose, out var address)) return bridge;
        free = (delegate* unmanaged<nint, void>)address;
        delegate* unmanaged<nint, void> hold = &Hold;
        try
        {
            return NativeImage.Load("libHeldScalars.so", ElfLibrary.Forwarding(Dispose, (nint)hold, file));
        }
        catch (DllNotFoundException)
        {
            return bridge; // a system that loads nothing made here
        }
    }

    [UnmanagedCallersOnly]
    private static void Hold(nint scalar)
    {
        lock (waiting)
        {
            var now = Environment.TickCount64;
            waiting.Enqueue((scalar, now));
            while (waiting.Count > Least && now - waiting.Peek().Since > Milliseconds) free(waiting.Dequeue().Scalar);
        }
    }
}
