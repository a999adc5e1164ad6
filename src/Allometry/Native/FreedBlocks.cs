using System.Runtime.InteropServices;

namespace Allometry.Native;

/// <summary>
/// What becomes of memory that tensors no longer need. By default glibc maps each large block anew and gives it back when it is freed, so that every step touches its largest tensors for the first time again:
/// 9,900 page faults a step at bench's shape tiny, none with these settings (docs/measured/speed.md). Kept blocks that fit no later request stay as holes, so that a training whose lengths change from batch to batch
/// grows to twice its size (docs/measured/memory.md), unless it gives them back now and then. Nothing happens where the C library is not glibc.
/// </summary>
internal static unsafe class FreedBlocks
{
    // malloc.h of glibc.
    private const int TrimThreshold = -1, TopPad = -2, MostMapped = -4, Padding = 64 << 20;

    private static readonly nint Glibc = OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var library) ? library : 0;
    private static readonly delegate* unmanaged<nuint, int> Trim = (delegate* unmanaged<nuint, int>)Function("malloc_trim");

    /// <summary>Keeps them for later steps.</summary>
    public static void Keep()
    {
        var set = (delegate* unmanaged<int, int, int>)Function("mallopt");
        if (set == null) return;
        _ = set(MostMapped, 0);
        _ = set(TrimThreshold, int.MaxValue);
        _ = set(TopPad, Padding);
    }

    /// <summary>Gives the system back all pages on which nothing lies; what is wanted again is touched for the first time again.</summary>
    public static void Return()
    {
        if (Trim != null) _ = Trim(0);
    }

    private static nint Function(string name) => Glibc != 0 && NativeLibrary.TryGetExport(Glibc, name, out var address) ? address : 0;
}
