using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Allometry.Native;

/// <summary>Loads a shared library from bytes on Linux. Nothing stays on the disk.</summary>
internal static partial class NativeImage
{
    private const int Now = 2, Global = 0x100;      // dlfcn.h
    private const uint CloseOnExecution = 1;        // MFD_CLOEXEC

    /// <summary>From anonymous memory, which works where the home is read-only or mounted noexec; where the kernel forbids that, from a private temporary file.</summary>
    public static nint Load(string name, byte[] image)
    {
        return FromMemory(name, image, file => NativeLibrary.TryLoad(file, out var handle) ? handle : 0) is var loaded and not 0 ? loaded : LoadFromTemporary(name, image);
    }

    /// <summary>Opens the image so that its symbols are found before those of libraries loaded later; false where the kernel forbids it.</summary>
    public static bool Interpose(string name, byte[] image) => FromMemory(name, image, file => Open(file, Now | Global)) != 0;

    private static nint FromMemory(string name, byte[] image, Func<string, nint> load)
    {
        var descriptor = CreateMemoryFile(name, CloseOnExecution);
        if (descriptor < 0) return 0;
        // It stays open: the linker knows libraries by their paths, and would give this one to whoever loads the next that got the same number.
        using var memory = new SafeFileHandle(descriptor, ownsHandle: false);
        RandomAccess.Write(memory, image, 0);
        return load($"/proc/self/fd/{descriptor}");
    }

    internal static nint LoadFromTemporary(string name, byte[] image)
    {
        var folder = Directory.CreateTempSubdirectory("allometry-");    // only this user may enter it
        try
        {
            var file = Path.Combine(folder.FullName, name);
            File.WriteAllBytes(file, image);
            return NativeLibrary.Load(file);                            // stays mapped when the file is gone
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string file, int flags);

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);
}
