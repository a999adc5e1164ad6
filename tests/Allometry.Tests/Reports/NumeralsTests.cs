using Allometry.Reports;

namespace Allometry.Tests.Reports;

public sealed class NumeralsTests
{
    [Theory]
    [InlineData(0, "0"), InlineData(7, "7"), InlineData(512, "512"), InlineData(1234567, "1.23 M"), InlineData(999_600, "1.00 M"), InlineData(60506624, "60.5 M"), InlineData(11307321344, "11.3 B")]
    public void Counts_have_three_digits_and_a_prefix(double value, string expected) => Assert.Equal(expected, Numerals.Count(value));

    [Theory]
    [InlineData(3.4e15, "3.40 PFLOP"), InlineData(188.07e9, "188 GFLOP"), InlineData(9.996e11, "1.00 TFLOP")]
    public void Compute_has_metric_prefixes(double value, string expected) => Assert.Equal(expected, Numerals.Flops(value));

    [Theory]
    [InlineData(1536, "1.50 KiB"), InlineData(123 << 20, "123 MiB"), InlineData(1023.9 * 1024 * 1024, "1.00 GiB")]
    public void Bytes_have_binary_prefixes(double value, string expected) => Assert.Equal(expected, Numerals.Bytes(value));

    [Theory]
    [InlineData(0.0125, "12.5 ms"), InlineData(9.996, "10.0 s"), InlineData(59.97, "1 min 00 s"), InlineData(250.4, "4 min 10 s"), InlineData(3599.7, "1 h 00 min"), InlineData(7502, "2 h 05 min")]
    public void Times_read_as_people_say_them(double value, string expected) => Assert.Equal(expected, Numerals.Seconds(value));

    [Fact]
    public void What_is_no_number_is_a_dash() => Assert.Equal(["–", "–", "–", "–"], new[] { Numerals.Plain(double.NaN), Numerals.Count(double.NaN), Numerals.Seconds(double.NaN), Numerals.Score(double.PositiveInfinity) });

    [Fact]
    public void Differences_carry_their_sign() => Assert.Equal(["+0.021", "−0.021", "0.000", "+6.4 %"], new[] { Numerals.SignedScore(0.021), Numerals.SignedScore(-0.021), Numerals.SignedScore(0), Numerals.Percent(0.064) });
}
