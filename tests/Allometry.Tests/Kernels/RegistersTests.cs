using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Allometry.Tests.Kernels;

/// <summary>The kernels on registers that are narrower than those of this machine: tests of theirs in processes that may not use the widest.</summary>
public class RegistersTests
{
    private const string Wide = "DOTNET_EnableAVX512", Middle = "DOTNET_EnableAVX2";

    [Theory]
    [InlineData(Wide)]
    [InlineData(Middle)]
    public async Task Kernels_equal_their_twins_on_narrower_registers(string forbidden)
    {
        Assert.SkipUnless(Vector512.IsHardwareAccelerated || Avx2.IsSupported, "there are no wider registers to do without");
        Assert.SkipUnless(Environment.GetEnvironmentVariable(forbidden) is null, "they are forbidden already");
        using var process = Process.Start(Start(forbidden))!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
    }

    [Fact]
    public void Registers_that_are_forbidden_are_not_used()
    {
        if (Environment.GetEnvironmentVariable(Wide) == "0") Assert.False(Vector512.IsHardwareAccelerated);
        if (Environment.GetEnvironmentVariable(Middle) == "0") Assert.False(Avx2.IsSupported || Vector512.IsHardwareAccelerated);
    }

    private static ProcessStartInfo Start(string forbidden)
    {
        var program = Path.Combine(AppContext.BaseDirectory, typeof(RegistersTests).Assembly.GetName().Name!);
        string[] tests =
        [
            $"*.{nameof(Registers_that_are_forbidden_are_not_used)}", $"*Kernels.{nameof(LanesTests)}.*", $"*Kernels.{nameof(ElementwiseTests)}.*", $"*Kernels.{nameof(NormsTests)}.*",
            $"*Kernels.{nameof(AdamWKernelTests)}.*", $"*Kernels.{nameof(AdafactorKernelTests)}.*",
            $"*Kernels.{nameof(FeedForwardKernelTests)}.{nameof(FeedForwardKernelTests.Dropout_of_the_same_seed_drops_the_same)}",
            $"*Kernels.{nameof(AttentionKernelTests)}.{nameof(AttentionKernelTests.Padding_is_not_seen)}",
            $"*Kernels.{nameof(LossKernelTests)}.{nameof(LossKernelTests.Any_number_of_words_gives_what_library_operations_give)}",
        ];
        return new(OperatingSystem.IsWindows() ? $"{program}.exe" : program, tests.SelectMany(test => (string[])["--filter-method", test]))
        {
            Environment = { [forbidden] = "0" },
            RedirectStandardOutput = true,
        };
    }
}
