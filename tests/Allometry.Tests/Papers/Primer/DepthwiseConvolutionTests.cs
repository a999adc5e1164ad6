using Allometry.Models;
using Allometry.Papers.Primer;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Primer;

/// <summary>Against worked numbers, and against the library's convolution.</summary>
public class DepthwiseConvolutionTests
{
    private static readonly Place Somewhere = new(new DecoderOnly(), new Shape(8, 16, 4, 2, 0, 1, 10), Causal: true);

    [Theory] // 0.5 now, a sixth of each of the two before
    [InlineData(new[] { 1.0, 2, 3, 4 }, new[] { 0.5, 7.0 / 6, 2, 17.0 / 6 })]
    [InlineData(new[] { 1.0, 0, 0, 0, 0 }, new[] { 0.5, 1.0 / 6, 1.0 / 6, 0, 0 })]
    [InlineData(new[] { 6.0 }, new[] { 3.0 })]
    [InlineData(new[] { 6.0, 6 }, new[] { 3.0, 4 })]
    public void At_first_it_is_half_of_now_and_a_sixth_of_each_of_the_two_before(double[] one, double[] expected)
    {
        using var scope = NewDisposeScope();
        using var convolution = new DepthwiseConvolution(Somewhere, 3, 5);
        var y = Run(convolution, tensor(one, float32).view(1, -1, 1).repeat(1, 1, 5));
        for (var channel = 0; channel < 5; channel++)
            for (var t = 0; t < one.Length; t++) Assert.Equal(expected[t], y[0, t, channel].item<float>(), 1e-6);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(3, 9)]
    [InlineData(4, 7)]
    [InlineData(7, 3)]
    public void It_is_the_librarys_grouped_convolution_with_taps_in_reverse_and_zeros_before(int size, int length)
    {
        using var scope = NewDisposeScope();
        using var convolution = Randomised(size, 6);
        var x = randn(3, length, 6, dtype: float64);
        var kernel = stack(convolution.parameters().Reverse(), 1).unsqueeze(1); // [channel, 1, tap], the furthest first
        var padded = nn.functional.pad(x.transpose(1, 2), (size - 1, 0));
        var expected = nn.functional.conv1d(padded, kernel, groups: 6).transpose(1, 2);
        Assert.InRange((expected - Run(convolution, x)).abs().max().item<double>(), 0, 1e-14);
    }

    [Fact]
    public void What_comes_later_changes_no_bit_of_what_was_before()
    {
        using var scope = NewDisposeScope();
        using var convolution = Randomised(3, 6).to(float32);
        var x = randn(2, 8, 6);
        var before = Run(convolution, x);
        for (var t = 0; t < 8; t++)
        {
            var changed = x.clone();
            changed[.., t] += 1;
            var after = Run(convolution, changed);
            Assert.Equal(before[.., ..t].contiguous().bytes, after[.., ..t].contiguous().bytes);
            Assert.False(before[.., t].allclose(after[.., t]));
        }
    }

    [Fact]
    public void Padding_on_the_left_is_as_if_it_were_not_there()
    {
        using var scope = NewDisposeScope();
        using var convolution = Randomised(3, 6);
        var (x, junk) = (randn(2, 5, 6, dtype: float64), full([2, 3, 6], double.NaN, float64));
        var padded = Run(convolution, cat([junk, x], 1), cat([zeros([2, 3], @bool), ones([2, 5], @bool)], 1));
        Assert.Equal(Run(convolution, x).bytes, padded[.., 3..].contiguous().bytes);
    }

    [Fact]
    public void In_pieces_with_a_cache_it_is_the_same_also_after_rows_changed()
    {
        using var scope = NewDisposeScope();
        using var convolution = Randomised(4, 6);
        var rows = tensor(new long[] { 2, 0, 0, 1 });
        var (begin, rest) = (randn(3, 5, 6, dtype: float64), randn(4, 4, 6, dtype: float64));
        var real = tensor(new[,] { { false, false, true, true, true }, { true, true, true, true, true }, { false, true, true, true, true } });
        using var cache = new DecodeCache();
        var first = Run(convolution, begin, real, cache);
        cache.Choose(rows);
        var seen = cat([real.index_select(0, rows), ones([4, 4], @bool)], 1);
        var pieces = ((int[][])[[0, 1], [1, 3], [3, 4]]).Select(ends => Run(convolution, rest[.., ends[0]..ends[1]], seen[.., ..(5 + ends[1])], cache)).ToArray();
        var whole = Run(convolution, cat([begin.index_select(0, rows), rest], 1), seen);
        Assert.Equal(whole.bytes, cat([first.index_select(0, rows), .. pieces], 1).bytes);
    }

    private static DepthwiseConvolution Randomised(int size, int channels)
    {
        var convolution = new DepthwiseConvolution(Somewhere, size, channels);
        using var still = no_grad();
        foreach (var tap in convolution.parameters()) tap.normal_();
        return convolution.to(float64);
    }

    private static Tensor Run(DepthwiseConvolution convolution, Tensor x, Tensor? real = null, DecodeCache? cache = null)
    {
        using var pass = new Pass();
        using var context = new Context(pass) { Causal = true, KeyMask = real, Cache = cache };
        var y = convolution.forward(x, context);
        cache?.Advance(x.size(1));
        return y.detach();
    }
}
