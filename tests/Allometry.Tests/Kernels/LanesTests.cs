using System.Runtime.Intrinsics;
using Allometry.Kernels;

namespace Allometry.Tests.Kernels;

public unsafe class LanesTests
{
    [Fact]
    public void Exp_is_that_of_double_precision_over_the_whole_range()
    {
        for (var x = -87.29f; x < 88f; x += 0.00137f)
        {
            var exact = Math.Exp(x);
            Assert.InRange(Exp(x), exact * (1 - 2.5e-7), exact * (1 + 2.5e-7));
        }
    }

    [Fact]
    public void Exp_next_to_zero_is_next_to_one()
    {
        foreach (var x in (float[])[0, -0f, float.Epsilon, -float.Epsilon, 1e-40f, 1.2e-38f, 1e-9f, -1e-9f]) Assert.Equal(1, Exp(x));
        Assert.Equal(Math.Exp(1e-6f), Exp(1e-6f), 6e-8);
    }

    [Fact]
    public void Exp_of_what_would_be_a_denormal_is_zero()
    {
        foreach (var x in (float[])[-87.31f, -88, -100, -104, -1e9f, float.MinValue, float.NegativeInfinity]) Assert.Equal(0, Exp(x));
        Assert.True(float.IsNormal(Exp(-87.3f)));
    }

    [Fact]
    public void Exp_of_a_large_number_is_large_and_of_none_is_none()
    {
        foreach (var x in (float[])[88.5f, 1e4f, float.MaxValue, float.PositiveInfinity]) Assert.True(Exp(x) > 1e38f);
        Assert.True(float.IsNaN(Exp(float.NaN)));
    }

    [Fact]
    public void Exp_of_sixteen_numbers_is_that_of_each()
    {
        var x = new float[Lanes.Count];
        for (var i = 0; i < x.Length; i++) x[i] = i == 7 ? float.NaN : (3 * i) - 20;
        var together = Lanes.Exp(Vector512.Create(x));
        for (var i = 0; i < x.Length; i++) Assert.Equal(Exp(x[i]), together[i]);
    }

    [Fact]
    public void What_lies_behind_the_end_of_a_row_is_neither_read_nor_written()
    {
        for (var left = 0; left <= Lanes.Count; left++)
        {
            var memory = new float[Lanes.Count + 1];
            for (var i = 0; i < memory.Length; i++) memory[i] = i + 1;
            fixed (float* row = memory)
            {
                var value = Lanes.Load(row, left, filling: -5);
                for (var i = 0; i < Lanes.Count; i++) Assert.Equal(i < left ? i + 1 : -5, value[i]);
                Lanes.Store(Lanes.All(9), row, left);
            }
            for (var i = 0; i < memory.Length; i++) Assert.Equal(i < left ? 9 : i + 1, memory[i]);
        }
    }

    [Fact]
    public void The_largest_is_found_wherever_it_stands()
    {
        for (var place = 0; place < Lanes.Count; place++)
        {
            var x = Enumerable.Range(0, Lanes.Count).Select(i => i == place ? -1f : -2 - i).ToArray();
            Assert.Equal(-1, Lanes.Largest(Vector512.Create(x)));
            x[place] = float.NaN;
            Assert.True(float.IsNaN(Lanes.Largest(Vector512.Create(x))));
        }
    }

    private static float Exp(float x) => Lanes.Exp(Lanes.All(x))[3];
}
