using System.Globalization;
using System.Text;
using Allometry.Kinds;

namespace Allometry.Text;

/// <summary>
/// Stories with questions between their sentences, as bAbI writes them: "1 Mary went home." and "2 Where is Mary?\thome\t1"; a number that is 1 again begins the next story.
/// A row a question, with the columns story (all sentences before it), question and answer.
/// </summary>
internal static class StoryRows
{
    public static IEnumerable<Row> Read(TextReader reader, string path, Action<Problem> report)
    {
        var story = new StringBuilder();
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text)) continue;
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || !int.TryParse(text.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                report(new Problem($"{path}:{line}", "does not begin with a number", "write '1 A sentence.' or '2 A question?', a tab, the answer, a tab and the numbers of what supports it"));
                continue;
            }

            if (number == 1) story.Clear();
            var cells = text[(space + 1)..].Split('\t');
            if (cells.Length == 1) story.Append(story.Length > 0 ? " " : "").Append(cells[0].Trim());
            else yield return new Row(path, line, new Dictionary<string, string>(StringComparer.Ordinal) { ["story"] = story.ToString(), ["question"] = cells[0].Trim(), ["answer"] = cells[1].Trim() });
        }
    }
}
