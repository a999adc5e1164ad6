using Allometry.Native;

namespace Allometry.Tests.Native;

public class ElfVersionsTests
{
    private static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");

    [Fact]
    public void The_new_requirements_disappear_and_the_rest_of_the_file_stays()
    {
        Assert.SkipUnless(File.Exists(Shipped), "not a Linux build");
        byte[] before = File.ReadAllBytes(Shipped), after = [.. before];
        var versions = new ElfVersions(after);
        Assert.True(versions.Replace("GLIBCXX_3.4.32", "GLIBCXX_3.4.21"));
        Assert.True(versions.Replace("GLIBCXX_3.4.30", "GLIBCXX_3.4.11"));

        var required = new ElfVersions(after).Required;
        Assert.Equal(new ElfVersions(before).Required.Count, required.Count);
        Assert.DoesNotContain("GLIBCXX_3.4.32", required);
        Assert.DoesNotContain("GLIBCXX_3.4.30", required);
        Assert.InRange(before.Zip(after).Count(pair => pair.First != pair.Second), 2, 16);      // two hashes, two name offsets
    }

    [Fact]
    public void Hashes_are_those_the_compiler_wrote_and_the_linker_will_look_for()
    {
        Assert.SkipUnless(File.Exists(Shipped), "not a Linux build");
        var versions = new ElfVersions(File.ReadAllBytes(Shipped));
        Assert.True(versions.Consistent);
        versions.Replace("GLIBCXX_3.4.30", "GLIBCXX_3.4.11");
        Assert.True(versions.Consistent);
    }

    [Fact]
    public void What_the_file_does_not_require_is_not_replaced()
    {
        Assert.SkipUnless(File.Exists(Shipped), "not a Linux build");
        byte[] before = File.ReadAllBytes(Shipped), after = [.. before];
        var versions = new ElfVersions(after);
        Assert.False(versions.Replace("GLIBCXX_9.9.9", "GLIBCXX_3.4.11"));
        Assert.False(versions.Replace("GLIBCXX_3.4.30", "GLIBC_2.2.5"));        // another library's
        Assert.Equal(before, after);
    }

    [Fact]
    public void Other_files_are_refused()
    {
        Assert.Throws<BadImageFormatException>(() => new ElfVersions([]));
        Assert.Throws<BadImageFormatException>(() => new ElfVersions(new byte[4096]));
        if (File.Exists(Shipped)) Assert.Throws<BadImageFormatException>(() => new ElfVersions(File.ReadAllBytes(Shipped)[..5000]));
    }
}
