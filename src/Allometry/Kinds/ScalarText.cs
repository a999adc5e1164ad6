using System.Globalization;

namespace Allometry.Kinds;

/// <summary>What a word means where a scalar type is expected; numbers and durations are written as <see cref="Quantity"/> says.</summary>
internal static class ScalarText
{
    public static bool Reads(Type type) =>
        type.IsEnum || type == typeof(string) || type == typeof(TimeSpan) || type == typeof(decimal) || (type.IsPrimitive && type != typeof(char));

    /// <summary>The value, or null where the word is not one. Text in quotes is never a number or a truth value.</summary>
    public static object? Parse(Type type, ScalarNode word)
    {
        if (type == typeof(string)) return word.Text;
        if (type.IsEnum) return Enum.GetNames(type).FirstOrDefault(name => Schema.Kebab(name) == word.Text) is { } name ? Enum.Parse(type, name) : null;
        if (type == typeof(TimeSpan)) return Quantity.TryDuration(word.Text, out var duration) ? duration : null;
        if (word.Quoted) return null;
        if (type == typeof(bool)) return word.Text switch { "true" => true, "false" => false, _ => null };
        return type == typeof(double) || type == typeof(float) || type == typeof(decimal) ? Real(type, word.Text) : Whole(type, word.Text);
    }

    private static object? Real(Type type, string text) => Quantity.TryNumber(text, out var number) ? Converted(type, number) : null;

    private static object? Whole(Type type, string text) => Quantity.TryInteger(text, out var number) ? Converted(type, number) : null;

    private static object? Converted(Type type, object number)
    {
        try
        {
            return Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}
