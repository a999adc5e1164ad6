namespace Allometry.Text;

/// <summary>How a table is written, where its name does not say.</summary>
/// <param name="Format">Null: by the extension.</param>
/// <param name="Columns">Names of the columns of csv and tsv, so that the first line is a row; a first line that repeats them all is passed over.</param>
/// <param name="SkipShort">Leaves out rows with too few cells rather than report them.</param>
public sealed record TableForm(TableFormat? Format = null, IReadOnlyList<string>? Columns = null, bool SkipShort = false);

/// <summary>The forms of a table.</summary>
public enum TableFormat
{
    /// <summary>RFC 4180: a cell with commas or line breaks stands in double quotes.</summary>
    Csv,

    /// <summary>No quoting: a quote is a character like any other.</summary>
    Tsv,

    /// <summary>An object a line; strings as they are, other values as JSON text, null as if left out.</summary>
    Jsonl,

    /// <summary>As jsonl, or one document: an object is one row, an array one row an item.</summary>
    Json,

    /// <summary>Stories with questions between their sentences, as in bAbI: the columns are story, question and answer.</summary>
    Stories,
}
