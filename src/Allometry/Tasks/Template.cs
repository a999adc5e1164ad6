using System.Text;

namespace Allometry.Tasks;

/// <summary>
/// A text with columns in braces: <c>tag: {text}</c>. A doubled brace is a brace. Nothing is trimmed or cleaned:
/// what the column holds stands in the text, as in T5.
/// </summary>
public sealed class Template
{
    private readonly IReadOnlyList<(string Text, bool IsColumn)> parts;

    private Template(IReadOnlyList<(string Text, bool IsColumn)> parts) => this.parts = parts;

    /// <summary>The columns it names, each once, in order of appearance.</summary>
    public IEnumerable<string> Columns => parts.Where(p => p.IsColumn).Select(p => p.Text).Distinct(StringComparer.Ordinal);

    /// <summary>Reads a template; a lone brace or an empty column name is a <see cref="FormatException"/> that says where.</summary>
    public static Template Parse(string text)
    {
        var parts = new List<(string, bool)>();
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('{' or '}'))
            {
                literal.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == text[i])
            {
                literal.Append(text[i++]);
            }
            else
            {
                parts.Add((literal.ToString(), false));
                literal.Clear();
                var end = ColumnEnd(text, i);
                parts.Add((text[(i + 1)..end], true));
                i = end;
            }
        }

        parts.Add((literal.ToString(), false));
        return new Template(parts);
    }

    /// <summary>What is wrong with a text as a template of a task, or null: it must parse and depend on the row.</summary>
    public static string? Problem(string text) =>
        Fault(text) ?? (Parse(text).Columns.Any() ? null : "the template names no column, so that every row would be the same");

    /// <summary>Why a text cannot be read as a template at all, or null; it may name no column.</summary>
    public static string? Fault(string text)
    {
        try
        {
            Parse(text);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>The text for one row, which has every column of the template.</summary>
    public string Fill(IReadOnlyDictionary<string, string> row) => string.Concat(parts.Select(p => p.IsColumn ? row[p.Text] : p.Text));

    private static int ColumnEnd(string text, int open)
    {
        var end = text.IndexOf('}', open);
        return text[open] == '}' ? throw new FormatException($"the brace at character {open + 1} closes nothing; write '}}}}' for a brace itself")
            : end < 0 ? throw new FormatException($"the brace at character {open + 1} is not closed; write '{{{{' for a brace itself")
            : end == open + 1 ? throw new FormatException($"the braces at character {open + 1} name no column")
            : end;
    }
}
