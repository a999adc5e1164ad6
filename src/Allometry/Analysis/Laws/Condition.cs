using System.Globalization;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Analysis.Laws;

/// <summary>Which rows: <c>COLUMN&lt;5e8</c>, also &lt;=, &gt;, &gt;=, = (or ==) and !=; numbers are compared as numbers, words as words.</summary>
public sealed record Condition(string Column, string Operator, string Value)
{
    private static readonly string[] Operators = ["<=", ">=", "!=", "==", "<", ">", "="];

    /// <param name="option">Named in problems.</param>
    public static Condition Parse(string option, string text, RunTable table)
    {
        var column = table.Columns.Where(column => text.StartsWith(column, StringComparison.Ordinal) && OperatorAt(text[column.Length..].TrimStart()) is not null).MaxBy(column => column.Length);
        if (column is null) throw Unreadable(option, text, table);
        var rest = text[column.Length..].TrimStart();
        var found = OperatorAt(rest)!;
        return new(column, found, rest[found.Length..].Trim());
    }

    public bool Holds(Row row)
    {
        var cell = row.Cells.GetValueOrDefault(Column, "");
        if (!Number(cell, out var left) || !Number(Value, out var right))
            return Operator switch { "=" or "==" => cell == Value, "!=" => cell != Value, _ => false };
        return Operator switch
        {
            "<" => left < right,
            "<=" => left <= right,
            ">" => left > right,
            ">=" => left >= right,
            "!=" => left != right,
            _ => left == right,
        };
    }

    public override string ToString() => $"{Column}{Operator}{Value}";

    private static bool Number(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static string? OperatorAt(string text) => Array.Find(Operators, text.StartsWith);

    private static InputException Unreadable(string option, string text, RunTable table)
    {
        var at = text.IndexOfAny(['<', '>', '=', '!']);
        return at < 0
            ? new(option, $"'{text}' compares nothing", "write a column, <, <=, >, >=, = or !=, and a value: \"parameters<5e8\"")
            : new(option, $"'{text[..at].Trim()}' is no column of {table.Name}", Suggestion.For(text[..at].Trim(), table.Columns));
    }
}
