using System.Runtime.InteropServices;

namespace Allometry.Native;

/// <summary>
/// Lets numbers given to libtorch live a little longer. TorchSharp makes a Scalar of the 0.5 in x * 0.5, hands its address to libtorch and does not keep it alive until libtorch has read it: a collection at that moment frees
/// it, and libtorch finds no number there, or another one (found by a run that failed with "Expected false to be true"). What is to be freed waits here until so many more have come that nobody can be reading it any more.
/// </summary>
internal static unsafe class HeldScalars
{
    private const string Dispose = "THSTorch_dispose_scalar";
    private const int Most = 1 << 16; // 32 bytes each

    private static readonly nint[] waiting = new nint[Most];
    private static delegate* unmanaged<nint, void> free;
    private static int count;

    /// <summary>A library that stands before TorchSharp's: all functions are its, but that which frees a number. On other systems than x86-64 Linux TorchSharp's own.</summary>
    public static nint Before(nint bridge, string file)
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
        var former = Interlocked.Exchange(ref waiting[(uint)Interlocked.Increment(ref count) % Most], scalar);
        if (former != 0) free(former);
    }
}
