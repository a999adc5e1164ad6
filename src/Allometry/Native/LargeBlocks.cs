using System.Runtime.InteropServices;

namespace Allometry.Native;

/// <summary>
/// How the C library hands out large blocks. By default glibc maps each one anew and gives it back when it is freed, so that every step touches its largest tensors for the first time again:
/// 9,900 page faults a step at bench's shape tiny, none with these settings (docs/measured/speed.md).
/// </summary>
internal static unsafe class LargeBlocks
{
    // malloc.h of glibc.
    private const int TrimThreshold = -1, TopPad = -2, MostMapped = -4, Padding = 64 << 20;

    /// <summary>Keeps freed blocks for the next step. Does nothing where the C library is not glibc.</summary>
    public static void Keep()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out var glibc) || !NativeLibrary.TryGetExport(glibc, "mallopt", out var address)) return;
        var set = (delegate* unmanaged<int, int, int>)address;
        _ = set(MostMapped, 0);
        _ = set(TrimThreshold, int.MaxValue);
        _ = set(TopPad, Padding);
    }
}
