using System.Globalization;
using Allometry.Kinds;
using CsCheck;

namespace Allometry.Tests.Kinds;

public class QuantityTests
{
    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("4_096", 4096)]
    [InlineData("1_048_576", 1048576)]
    [InlineData("-3", -3)]
    [InlineData("1e6", 1_000_000)]
    [InlineData("1.5k", 1500)]
    [InlineData("16M", 16_000_000)]
    [InlineData("2T", 2_000_000_000_000)]
    [InlineData("16B", 16_000_000_000)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Whole_numbers_are_read_as_people_write_them(string text, long expected)
    {
        Assert.True(Quantity.TryInteger(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("007")]
    [InlineData("0x10")]
    [InlineData("1,000")]
    [InlineData("10_00")]
    [InlineData("1.5")]
    [InlineData("1e-400")]
    [InlineData("1e-20")]
    [InlineData("9223372036854775808")]
    [InlineData("1K")]
    [InlineData("3 ")]
    [InlineData("3\n")]
    [InlineData("٣")]
    [InlineData("")]
    [InlineData("NaN")]
    public void What_could_mean_something_else_is_not_a_whole_number(string text) => Assert.False(Quantity.TryInteger(text, out _));

    [Theory]
    [InlineData(".5", 0.5)]
    [InlineData("-1.25e-3", -0.00125)]
    [InlineData("0.3M", 3e5)]
    [InlineData("3e15", 3e15)]
    public void Numbers_are_read_to_the_nearest_double(string text, double expected)
    {
        Assert.True(Quantity.TryNumber(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("1e999")]
    [InlineData("1e-999")]
    [InlineData("1e2k")]
    [InlineData(".inf")]
    [InlineData("1.")]
    public void What_has_no_finite_value_is_not_a_number(string text) => Assert.False(Quantity.TryNumber(text, out _));

    [Fact]
    public void Every_double_survives_its_own_text() => Gen.Double.Where(double.IsFinite).Sample(number =>
        Quantity.TryNumber(number.ToString("R", CultureInfo.InvariantCulture), out var back) && BitConverter.DoubleToInt64Bits(back) == BitConverter.DoubleToInt64Bits(number));

    [Fact]
    public void Every_duration_survives_its_own_text() => Gen.Long[0, long.MaxValue].Select(TimeSpan.FromTicks).Sample(duration =>
        Quantity.TryDuration(Quantity.Text(duration), out var back) && back == duration);

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("2h", 7200)]
    [InlineData("1.5m", 90)]
    [InlineData("15min", 900)]
    [InlineData("250ms", 0.25)]
    [InlineData("1d", 86400)]
    public void Durations_carry_their_unit(string text, double seconds)
    {
        Assert.True(Quantity.TryDuration(text, out var value));
        Assert.Equal(seconds, value.TotalSeconds);
    }

    [Theory]
    [InlineData("90")]
    [InlineData("2 h")]
    [InlineData("-1s")]
    [InlineData("99999999999999999999999999999d")]
    [InlineData("99999999d")]
    public void Other_durations_are_refused(string text) => Assert.False(Quantity.TryDuration(text, out _));
}
