using System.Runtime.InteropServices;
using Allometry.Native;
using TorchSharp;

namespace Allometry.Tests.Native;

public class ProductPathTests
{
    [Theory]
    [InlineData("answer", 42)]
    [InlineData("a_longer_name_of_a_function", -7)]
    public void A_library_made_here_exports_a_function_that_returns_its_constant(string name, int value)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "the library is for x86-64 Linux");
        var folder = Directory.CreateTempSubdirectory("allometry-tests-");
        var file = Path.Combine(folder.FullName, "one.so");
        File.WriteAllBytes(file, ElfLibrary.Returning(name, value));
        var library = NativeLibrary.Load(file);
        folder.Delete(recursive: true);
        Assert.Equal(value, Marshal.GetDelegateForFunctionPointer<Answer>(NativeLibrary.GetExport(library, name))());
    }

    [Fact]
    public void The_fast_path_is_taken_on_AMD_processors_only_and_not_against_the_users_will()
    {
        Libtorch.Prepare();
        var wanted = Environment.GetEnvironmentVariable(ProductPath.Switch) != ProductPath.AsShipped;
        var processor = File.Exists("/proc/cpuinfo") ? File.ReadAllText("/proc/cpuinfo") : "";
        Assert.Equal(wanted && processor.Contains("AuthenticAMD") && processor.Contains("avx2"), ProductPath.Fast);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 33, 5)]
    [InlineData(130, 257, 65)]
    public void Products_are_those_of_double_precision_to_the_precision_of_float(int n, int k, int m)
    {
        Libtorch.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        var (a, b) = (torch.randn(n, k), torch.randn(k, m));
        var difference = torch.mm(a, b).to(torch.float64) - torch.mm(a.to(torch.float64), b.to(torch.float64));
        Assert.True(difference.abs().max().item<double>() < 1e-4 * Math.Sqrt(k));
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Answer();
}
