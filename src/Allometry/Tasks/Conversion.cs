using System.Text.Json;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>
/// Turns a row as a data set publishes it into rows with the columns that a prompt and an answer name, where a template alone cannot:
/// nested rows, marks within a text, several answers.
/// </summary>
public abstract record Conversion
{
    private static readonly JsonSerializerOptions Published = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>The columns of the published row that it reads.</summary>
    public abstract IEnumerable<string> Columns { get; }

    /// <summary>The rows of a published one that has <see cref="Columns"/>, for a split; none after a reported problem.</summary>
    public abstract IEnumerable<Row> Rows(Row row, Split split, Action<Problem> report);

    /// <summary>The last word on an input, after the prompt is filled.</summary>
    public virtual string Finish(string input) => input;

    /// <summary>A cell that holds JSON, or null after a problem; <paramref name="form"/> says to a person how it should look.</summary>
    protected static T? Cell<T>(Row row, string column, string form, Action<Problem> report) where T : class
    {
        try
        {
            if (JsonSerializer.Deserialize<T>(row.Cells[column], Published) is { } value) return value;
        }
        catch (JsonException e)
        {
            var place = e.Path?.TrimStart('$', '.') is { Length: > 0 } path ? $" at {path}" : "";
            report(new Problem(row.Where, $"the column '{column}' is not as published{place}", $"it should be {form}"));
            return null;
        }

        report(new Problem(row.Where, $"the column '{column}' is empty", $"it should be {form}"));
        return null;
    }

    /// <summary>A row in the place of a published one.</summary>
    protected static Row Converted(Row row, string? within, params ReadOnlySpan<(string Name, string Text)> cells)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, text) in cells) named[name] = text;
        return row with { Cells = named, Within = within ?? row.Within };
    }
}
