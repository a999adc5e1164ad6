using Allometry.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Kernels;

/// <summary>How something is run: by hand-written kernels or by library operations, and with which numbers.</summary>
internal sealed record Way(bool Plain, ScalarType Type)
{
    /// <summary>The same values as a new leaf, which wants a gradient where the given tensor does.</summary>
    public Tensor Of(Tensor given) => given.detach().to(Type, copy: true).requires_grad_(given.requires_grad);
}

/// <summary>
/// The same computation by kernels, by library operations, and by library operations in double precision. The last is taken for the truth: kernels may round otherwise than the library, but not worse.
/// </summary>
internal static class Twins
{
    private const double Factor = 4, Zero = 1e-13;

    /// <summary>A run does one forward and backward pass or more, and returns what came out by name; the gradients of the module's parameters are added to that.</summary>
    /// <param name="slack">What the usual bound is multiplied by.</param>
    public static void Agree(nn.Module module, Func<Way, Dictionary<string, Tensor?>> run, double slack = 1) => Agree(module, run, floor: 1e-6 * slack, fused: true);

    /// <summary>
    /// Through many layers rounding grows by chance: of two runs that round equally well one is now and then ten times further off. So a whole model, not all of which need be fused,
    /// is held to less than its pieces are.
    /// </summary>
    public static void AgreeAsAWhole(nn.Module module, Func<Way, Dictionary<string, Tensor?>> run) => Agree(module, run, floor: 3e-5, fused: false);

    /// <summary>How far each result is off, relative to its largest value: by kernels and by library operations.</summary>
    public static IEnumerable<(double Kernel, double Plain)> Errors(nn.Module module, Func<Way, Dictionary<string, Tensor?>> run)
    {
        using var scope = NewDisposeScope();
        var (kernel, _) = Results(module, run, new Way(false, float32));
        var (plain, _) = Results(module, run, new Way(true, float32));
        var (truth, _) = Results(module, run, new Way(true, float64));
        foreach (var (name, exact) in truth.Where(result => result.Value is not null))
            yield return (Largest(kernel[name]! - exact!) / Largest(exact!), Largest(plain[name]! - exact!) / Largest(exact!));
    }

    private static void Agree(nn.Module module, Func<Way, Dictionary<string, Tensor?>> run, double floor, bool fused)
    {
        using var scope = NewDisposeScope();
        var (kernel, products) = Results(module, run, new Way(false, float32));
        if (fused) Assert.Equal(0, products); // else it was no kernel that multiplied
        var (plain, _) = Results(module, run, new Way(true, float32));
        var (truth, _) = Results(module, run, new Way(true, float64));
        Assert.Equal(Present(plain), Present(kernel));
        var largest = truth.Values.OfType<Tensor>().Max(Largest);
        foreach (var (name, exact) in truth.Where(result => result.Value is not null))
        {
            // A key's bias moves all scores of a query alike, so its gradient is rounding and nothing else.
            if (Largest(exact!) < 1e-12 * largest)
            {
                Assert.InRange(Largest(kernel[name]!), 0, 1e-4 * largest);
                continue;
            }
            var (size, allowed) = (Largest(exact!), Largest(plain[name]! - exact!));
            var error = Largest(kernel[name]! - exact!);
            if (size < Zero)
            {
                Assert.InRange(error, 0, Math.Max(1e-7, Factor * allowed)); // what is nothing in truth, such as the gradient of keys' biases, is rounding alone
                continue;
            }
            Assert.True(allowed <= 1e-4 * size, $"{name}: library operations are {allowed:g3} off in single precision, where values reach {size:g3}"); // else it is not the same computation
            Assert.True(error <= (Factor * allowed) + (floor * size), $"{name}: the kernel is {error:g3} off, library operations {allowed:g3}, where values reach {size:g3}");
        }
    }

    /// <summary>Where rounding decides what is computed (scores next to the hidden one), double precision is no judge: the kernel is held to the twin itself.</summary>
    public static void AgreeInSinglePrecision(nn.Module module, Func<Way, Dictionary<string, Tensor?>> run, double slack = 1)
    {
        using var scope = NewDisposeScope();
        var (kernel, products) = Results(module, run, new Way(false, float32));
        Assert.Equal(0, products);
        var (plain, _) = Results(module, run, new Way(true, float32));
        Assert.Equal(Present(plain), Present(kernel));
        foreach (var (name, expected) in plain.Where(result => result.Value is not null))
        {
            var (error, size) = (Largest(kernel[name]! - expected!), Largest(expected!));
            Assert.True(error <= 1e-5 * slack * size, $"{name}: the kernel is {error:g3} off, where values reach {size:g3}");
        }
    }

    /// <summary>Values that hide nothing: norms differ from one, products neither vanish nor grow.</summary>
    public static T Randomised<T>(T module, long seed) where T : nn.Module
    {
        manual_seed(seed);
        using var still = no_grad();
        foreach (var (_, weight) in module.named_parameters())
            weight.copy_(weight.dim() == 1 ? 1 + (0.3 * randn_like(weight)) : randn_like(weight) * Math.Pow(weight.size(1), -0.5));
        return module;
    }

    /// <summary>Makes a scalar of a tensor so that each element's gradient is another.</summary>
    public static Tensor Weighed(Tensor y, Way way)
    {
        using var generator = new Generator(17);
        return (y * randn(y.shape, generator: generator).to(way.Type)).sum();
    }

    private static (Dictionary<string, Tensor?> Named, int Products) Results(nn.Module module, Func<Way, Dictionary<string, Tensor?>> run, Way way)
    {
        var frozen = module.named_parameters().Where(pair => !pair.parameter.requires_grad).Select(pair => pair.name).ToHashSet();
        module.to(way.Type);
        foreach (var (name, parameter) in module.named_parameters())
        {
            parameter.requires_grad = !frozen.Contains(name);
            parameter.grad = null;
        }
        using var record = Products.Record();
        using var inPlace = Gradients.InPlace(); // as training does it; GradientsTests holds the other way to this one
        var named = run(way);
        var products = record.Products.Count;
        foreach (var (name, parameter) in module.named_parameters()) named.Add($"gradient of {name}", parameter.grad);
        return (named.ToDictionary(pair => pair.Key, pair => pair.Value?.detach().to(float64, copy: true)), products);
    }

    private static IEnumerable<string> Present(Dictionary<string, Tensor?> results) => results.Where(result => result.Value is not null).Select(result => result.Key).Order();

    private static double Largest(Tensor x) => x.abs().max().item<double>();
}
