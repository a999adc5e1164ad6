using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Allometry.Native;

/// <summary>Loads a shared library from bytes on Linux. Nothing stays on the disk.</summary>
internal static partial class NativeImage
{
    /// <summary>From anonymous memory, which works where the home is read-only or mounted noexec; where the kernel forbids that, from a private temporary file.</summary>
    public static nint Load(string name, byte[] image)
    {
        var descriptor = CreateMemoryFile(name, flags: 0);
        if (descriptor < 0) return LoadFromTemporary(name, image);
        using var memory = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.Write(memory, image, 0);
        return NativeLibrary.TryLoad($"/proc/self/fd/{descriptor}", out var handle) ? handle : LoadFromTemporary(name, image);
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

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);
}
