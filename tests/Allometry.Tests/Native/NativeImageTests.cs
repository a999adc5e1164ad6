using System.Runtime.InteropServices;
using Allometry.Native;

namespace Allometry.Tests.Native;

public class NativeImageTests
{
    /// <summary>The linker knows a library by its path, and each has the path of an open file's number.</summary>
    [Fact]
    public void Libraries_that_are_loaded_one_after_the_other_are_not_taken_for_one_another()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "made for x86-64 Linux alone");
        string[] names = ["first_of_three", "second_of_three", "third_of_three"];
        var loaded = names.Select(name => NativeImage.Load($"lib{name}.so", ElfLibrary.Forwarding(name, 1, "libc.so.6"))).ToList();

        Assert.Equal(3, loaded.Distinct().Count());
        Assert.All(names.Zip(loaded), pair => Assert.True(NativeLibrary.TryGetExport(pair.Second, pair.First, out _)));
    }
}
