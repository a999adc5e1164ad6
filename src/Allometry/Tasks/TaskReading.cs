using System.Globalization;
using Allometry.Files;
using Allometry.Kinds;
using Allometry.Text;

namespace Allometry.Tasks;

/// <summary>Turns the rows of a task's tables into texts and gathers what is wrong with them, so that everything is said at once.</summary>
internal sealed class TaskReading(TextTask task, Rewording? reword = null)
{
    private const int Shown = 20;

    private readonly List<Problem> problems = [];
    private readonly Template prompt = Template.Parse(task.Prompt);
    private readonly string[] passed = [.. task.Metrics.SelectMany(metric => metric.Columns).Distinct(StringComparer.Ordinal)];
    private readonly string[] needed =
        [.. Template.Parse(task.Prompt).Columns.Concat(task.Answer.Columns).Concat(task.Metrics.SelectMany(metric => metric.Columns)).Distinct(StringComparer.Ordinal)];

    public IReadOnlyList<TextExample> Read(Split split)
    {
        var before = problems.Count;
        List<TextExample> examples = [.. task.Files.Of(split)!.SelectMany(path => Read(DataFolder.Resolve(path, "."), split))];
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

    private List<TextExample> Read(string path, Split split)
    {
        var examples = new List<TextExample>();
        var lacking = new Dictionary<string, (Row First, int Rows)>(StringComparer.Ordinal);
        bool Has(Row row, IEnumerable<string> columns)
        {
            if (columns.FirstOrDefault(column => !row.Cells.ContainsKey(column)) is not { } column) return true;
            lacking[column] = lacking.TryGetValue(column, out var seen) ? (seen.First, seen.Rows + 1) : (row, 1);
            return false;
        }

        try
        {
            var published = TableFile.OnDisk(path) is null ? throw Missing(path) : Rows.Read(path, problems.Add, task.Files.Form);
            var rows = task.Convert is { } convert ? published.Where(row => Has(row, convert.Columns)).SelectMany(row => convert.Rows(row, split, problems.Add)) : published;
            examples.AddRange(rows.Where(row => Has(row, needed)).Select((row, i) => Example(row, split, i)).OfType<TextExample>());
        }
        catch (InputException e)
        {
            problems.AddRange(e.Problems);
        }

        problems.AddRange(lacking.Select(pair => Lacking(pair.Key, pair.Value.First, pair.Value.Rows)));
        return examples;
    }

    private TextExample? Example(Row row, Split split, int number)
    {
        var before = problems.Count;
        var (target, references) = (task.Answer.Target(row, problems.Add), task.Answer.References(row, problems.Add));
        if (target is null || problems.Count > before) return null;
        var example = new TextExample(Finished(prompt.Fill(row.Cells)), target, row.Where) { Choices = task.Answer.ChoicesOf(row) };
        if (reword is not null) example = example with { Reworded = Finished(prompt.Fill(prompt.Columns.ToDictionary(column => column, column => reword(row.Cells[column], split, number, column), StringComparer.Ordinal))) };
        if (references is not null) example = example with { References = references };
        return passed.Length == 0 ? example : example with { Passed = passed.ToDictionary(column => column, column => row.Cells[column], StringComparer.Ordinal) };
    }

    private string Finished(string input) => task.Convert?.Finish(input) ?? input;

    private InputException Missing(string path) => new(path, $"the task '{task.Name}' reads this table, and it is not there",
        (task.Files.Source is { } source ? $"get {source}" : "check the path; a relative one starts at the recipe's folder")
        + (DataFolder.Contains(path) ? $", and put it there, or set {DataFolder.Variable} to the folder that holds it" : ""));

    private static Problem Lacking(string column, Row first, int rows) => new(first.Where,
        rows == 1 ? $"lacks the column '{column}'" : string.Create(CultureInfo.InvariantCulture, $"lacks the column '{column}', as do {rows - 1:N0} rows after it"),
        Suggestion.For(column, first.Cells.Keys));
}
