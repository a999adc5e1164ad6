using System.Buffers.Binary;
using System.Text;

namespace Allometry.EndToEnd.Tests;

/// <summary>The executable on machines whose C++ library is older than the one that TorchSharp was built with.</summary>
public sealed class LoadingTests(UndisturbedRun undisturbed) : IDisposable
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/libstdc++.so.6";

    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_model_trains_where_libstdcpp_is_that_of_GCC_11_as_on_RHEL_9()
    {
        Assert.SkipUnless(File.Exists(Library), "there is no libstdc++ here to make an older one of");
        var older = folder.At("older");
        Directory.CreateDirectory(older);
        File.WriteAllBytes(Path.Combine(older, "libstdc++.so.6"), WithoutVersionsFrom(30, File.ReadAllBytes(Library)));
        var recipe = folder.Recipe(("budget: { steps: 60 }", "budget: { steps: 2 }"), ("budget: { steps: 20 }", "budget: { steps: 2 }"));

        var ended = AllometryProcess.RunWith("LD_LIBRARY_PATH", older, folder.Path, "run", recipe);

        Assert.True(ended.Code == 0, ended.Error);
    }

    [Theory]
    [InlineData("generate", "--text", "a word")]
    [InlineData("run")]
    public void Without_libtorch_one_sentence_names_the_package_to_reference(string verb, params string[] options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the copy leaves out Linux's libraries");
        var program = CopyWithoutTorch();
        var subject = verb == "run" ? AllometryProcess.Recipe : undisturbed.Model;

        var ended = AllometryProcess.RunCopy(Path.Combine(program, Path.GetFileName(AllometryProcess.Executable)), folder.Path, [verb, subject, .. options]);

        Assert.True(ended.Code == 2, $"{ended.Code}: {ended.Output} {ended.Error}");
        Assert.StartsWith("libtorch: does not load", ended.Error.Trim(), StringComparison.Ordinal);
        Assert.Contains("libtorch-cpu-", ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.Trim().Split('\n'), line => !line.StartsWith("measuring", StringComparison.Ordinal));
        Assert.False(Directory.Exists(Path.Combine(program, "cpu")), "TorchSharp's own recovery has copied files");
    }

    private string CopyWithoutTorch()
    {
        var (from, to) = (Path.GetDirectoryName(AllometryProcess.Executable)!, folder.At("program"));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(file => !Native(file)))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return to;

        static bool Native(string file) => Path.GetFileName(file) is var name && name.Contains(".so", StringComparison.Ordinal) && !name.Contains("sqlite", StringComparison.Ordinal);
    }

    /// <summary>
    /// A libstdc++ that does not define GLIBCXX_3.4.NN for NN at or after <paramref name="first"/>: those versions get another name, in the string table and as the hash by
    /// which the dynamic linker looks for them.
    /// </summary>
    private static byte[] WithoutVersionsFrom(int first, byte[] image)
    {
        for (var minor = first; minor < 40; minor++)
        {
            var (name, other) = ($"GLIBCXX_3.4.{minor}", $"GLIBCXX_9.4.{minor}");
            var at = image.AsSpan().IndexOf(Encoding.ASCII.GetBytes(name + '\0'));
            if (at < 0) continue;
            Encoding.ASCII.GetBytes(other).CopyTo(image, at);
            Replace(image, Hash(name), Hash(other));
        }
        return image;
    }

    private static void Replace(byte[] image, uint hash, uint other)
    {
        var (sought, put) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteUInt32LittleEndian(sought, hash);
        BinaryPrimitives.WriteUInt32LittleEndian(put, other);
        var at = image.AsSpan().IndexOf(sought);
        Assert.True(at > 0, "the version's hash is not in the file");
        put.CopyTo(image, at);
    }

    /// <summary>The hash function of the ELF specification.</summary>
    private static uint Hash(string name) => name.Aggregate(0u, (hash, character) =>
    {
        hash = (hash << 4) + character;
        var high = hash & 0xf0000000;
        return (hash ^ high >> 24) & ~high;
    });
}
