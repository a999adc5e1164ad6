using System.Runtime.InteropServices;
using Allometry.Files;
using static TorchSharp.torch;

namespace Allometry.Tests.Files;

public class FloatBitsTests
{
    [Theory, InlineData(ScalarType.BFloat16), InlineData(ScalarType.Float16)]
    public void Every_half_there_is_comes_back_with_its_bits_and_means_what_libtorch_says(ScalarType type)
    {
        using var scope = NewDisposeScope();
        ushort[] all = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];
        var wide = new float[all.Length];
        FloatBits.Widen(type, MemoryMarshal.AsBytes<ushort>(all), MemoryMarshal.AsBytes(wide.AsSpan()));
        var back = new ushort[all.Length];
        FloatBits.Narrow(type, MemoryMarshal.AsBytes(wide.AsSpan()), MemoryMarshal.AsBytes(back.AsSpan()));
        Assert.Equal(all, back);

        var theirs = empty(all.Length, type);
        MemoryMarshal.AsBytes<ushort>(all).CopyTo(theirs.bytes);
        Assert.Equal(theirs.to(float32).data<float>().ToArray(), wide);
    }

    [Theory, InlineData(ScalarType.BFloat16), InlineData(ScalarType.Float16)]
    public void Any_number_is_narrowed_as_libtorch_does_it(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var numbers = cat([randn(5000), randn(5000) * 1e5, randn(5000) * 1e-6, tensor(new[] { 0f, -0f, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, 65504, 65519.99f, 65520 })]);
        var narrow = empty_like(numbers, type);
        FloatBits.Narrow(type, numbers.bytes, narrow.bytes);
        Assert.Equal(numbers.to(type).bytes.ToArray(), narrow.bytes.ToArray());
    }
}
