using System.Runtime.Intrinsics.X86;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Native;

/// <summary>
/// Which float32 matrix products libtorch uses. Its MKL asks <c>mkl_serv_intel_cpu_true</c> and takes a slower path on processors of other makers, although they execute
/// the same instructions: 2.3 times slower on an AMD processor with AVX-512 (docs/measured/products.md). There the question is answered with yes, by a library of one function
/// that the dynamic linker finds before MKL's own; nothing of libtorch is changed. The environment variable ALLOMETRY_PRODUCTS=library leaves libtorch as it is.
/// </summary>
public static class ProductPath
{
    public const string Switch = "ALLOMETRY_PRODUCTS", AsShipped = "library";

    private const string Question = "mkl_serv_intel_cpu_true";

    /// <summary>Whether MKL has been told to take its fast path.</summary>
    public static bool Fast { get; private set; }

    /// <summary>What a report says of it.</summary>
    public static string Description => Fast ? "MKL's vendor check answered" : "as shipped";

    /// <summary>Must run before libtorch is loaded; costs less than a millisecond.</summary>
    internal static void Choose()
    {
        if (!OperatingSystem.IsLinux() || !Helps || Environment.GetEnvironmentVariable(Switch) == AsShipped) return;
        Fast = NativeImage.Interpose($"{Question}.so", ElfLibrary.Returning(Question, 1));
    }

    /// <summary>Where it was measured to help: AMD processors with AVX2 or more.</summary>
    private static bool Helps => Avx2.IsSupported && X86Base.CpuId(0, 0) is var (_, b, c, d) && (b, d, c) is (0x68747541, 0x69746e65, 0x444d4163);     // "Auth" "enti" "cAMD"

    /// <summary>Compares one small product with its definition; throws <see cref="RunFailedException"/> where the fast path computes something else.</summary>
    internal static void Verify()
    {
        if (!Fast) return;
        const int n = 48, k = 96, m = 40;
        var (a, b) = (Numbers(n * k, 7), Numbers(k * m, 11));
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var product = mm(tensor(a).reshape(n, k), tensor(b).reshape(k, m)).data<float>().ToArray();
        for (var i = 0; i < n * m; i++)
        {
            var (row, column) = (i / m, i % m);
            var exact = Enumerable.Range(0, k).Sum(j => (double)a[row * k + j] * b[j * m + column]);
            if (Math.Abs(product[i] - exact) > 1e-4)
                throw new RunFailedException("libtorch", "its fast matrix products are wrong on this processor", $"set the environment variable {Switch}={AsShipped}");
        }
    }

    private static float[] Numbers(int count, int step) => [.. Enumerable.Range(0, count).Select(i => i * step % 29 / 14f - 1)];
}
