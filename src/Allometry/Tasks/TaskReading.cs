using System.Globalization;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>Turns the rows of a task's tables into texts and gathers what is wrong with them, so that everything is said at once.</summary>
internal sealed class TaskReading(TextTask task)
{
    private const int Shown = 20;

    private readonly List<Problem> problems = [];
    private readonly Template prompt = Template.Parse(task.Prompt);
    private readonly string[] needed = [.. Template.Parse(task.Prompt).Columns.Union(task.Answer.Columns, StringComparer.Ordinal)];

    public IReadOnlyList<TextExample> Read(Split split)
    {
        var before = problems.Count;
        List<TextExample> examples = [.. task.Files.Of(split)!.SelectMany(path => Read(DataFolder.Resolve(path, ".")))];
        if (examples.Count == 0 && problems.Count == before)
        {
            problems.Add(new Problem(task.Files.Of(split)![0], $"the {split.ToString().ToLowerInvariant()} split of '{task.Name}' has no rows", "give it some, or leave the split out"));
        }

        return examples;
    }

    public void ThrowIfAny()
    {
        if (problems.Count > Shown)
        {
            var rest = problems.Count - Shown;
            problems.RemoveRange(Shown, rest);
            problems.Add(new Problem(task.Name, string.Create(CultureInfo.InvariantCulture, $"{rest:N0} more problems like these"), "mend the first and try again"));
        }

        if (problems.Count > 0)
        {
            throw new InputException(problems);
        }
    }

    private List<TextExample> Read(string path)
    {
        var examples = new List<TextExample>();
        var lacking = new Dictionary<string, (Row First, int Rows)>(StringComparer.Ordinal);
        try
        {
            foreach (var row in File.Exists(path) ? Rows.Read(path, problems.Add, task.Files.Columns) : throw Missing(path))
            {
                if (needed.FirstOrDefault(column => !row.Cells.ContainsKey(column)) is { } column)
                {
                    lacking[column] = lacking.TryGetValue(column, out var seen) ? (seen.First, seen.Rows + 1) : (row, 1);
                }
                else if (task.Answer.Target(row, problems.Add) is { } target)
                {
                    examples.Add(new TextExample(prompt.Fill(row.Cells), target, row.Where));
                }
            }
        }
        catch (InputException e)
        {
            problems.AddRange(e.Problems);
        }

        problems.AddRange(lacking.Select(pair => Lacking(pair.Key, pair.Value.First, pair.Value.Rows)));
        return examples;
    }

    private InputException Missing(string path) => new(path, $"the task '{task.Name}' reads this table, and it is not there",
        (task.Files.Source is { } source ? $"get {source}" : "check the path; a relative one starts at the recipe's folder")
        + (path.StartsWith(DataFolder.Root, StringComparison.Ordinal) ? $", and put it there, or set {DataFolder.Variable} to the folder that holds it" : ""));

    private static Problem Lacking(string column, Row first, int rows) => new(first.Where,
        rows == 1 ? $"lacks the column '{column}'" : string.Create(CultureInfo.InvariantCulture, $"lacks the column '{column}', as do {rows - 1:N0} rows after it"),
        Suggestion.For(column, first.Cells.Keys));
}
