using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks.Summarisation;

/// <summary>Articles with a title: rows whose text is too short to be one (redirects, drafts, pages about the site) are left out. Columns title and text.</summary>
[Kind("headline")]
public sealed record Headline : Conversion
{
    private const int ShortestArticle = 200; // characters

    public override IEnumerable<string> Columns => ["title", "text"];

    public override IEnumerable<Row> Rows(Row row, Split split, Action<Problem> report)
    {
        var (title, text) = (row.Cells["title"].Trim(), string.Join(' ', row.Cells["text"].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        return title.Length == 0 || text.Length < ShortestArticle || text.Contains("templatestyles", StringComparison.Ordinal) ? [] : [Converted(row, null, ("title", title), ("text", text))];
    }
}
