using System.Runtime.InteropServices;
using Allometry.Native;
using TorchSharp;

namespace Allometry.Tests.Native;

public class LibtorchTests
{
    [Fact]
    public void A_product_and_its_gradient_are_computed()
    {
        using var scope = torch.NewDisposeScope();      // before Allometry is mentioned: the test project itself prepares the library
        var weight = torch.tensor(new float[,] { { 1, 2 }, { 3, 4 } }, requires_grad: true);
        var product = torch.mm(weight, torch.tensor(new float[,] { { 5 }, { 6 } }));
        product.sum().backward();
        Assert.Equal([17f, 39f], product.data<float>().ToArray());
        Assert.Equal([5f, 6f, 5f, 6f], weight.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Loading_twice_is_loading_once()
    {
        Libtorch.EnsureLoaded();
        Libtorch.EnsureLoaded();
        Assert.Contains(Libtorch.Origin, new[] { "as shipped", "rewritten" });
    }

    [Fact]
    public void OpenMP_spins_for_a_short_time_unless_the_user_says_otherwise()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "libgomp is used on Linux only");
        Libtorch.Prepare();
        Assert.Equal(Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") ?? "10000", Marshal.PtrToStringUTF8(getenv("GOMP_SPINCOUNT")));
    }

    [DllImport("libc")]
    private static extern nint getenv([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
