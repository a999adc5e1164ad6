// Scores the tasks under FOLDER without a neural network: majority and naive Bayes over words and word pairs.
// dotnet run data/make/baseline.cs [FOLDER]
// The smoothing is chosen on validation. Where a row has a name and a text (match), whether they share a word stem is a feature too.
using System.Globalization;
using System.Text.RegularExpressions;

foreach (var task in Directory.GetDirectories(args.ElementAtOrDefault(0) ?? "data/dotnet-docs/tasks").Order(StringComparer.Ordinal))
{
    Row[] train = Row.Read(task, "train"), validation = Row.Read(task, "validation"), test = Row.Read(task, "test");
    var models = new[] { 0.03, 0.1, 0.3, 1.0, 3.0 }.Select(smoothing => new Bayes(train, smoothing)).ToArray();
    var best = models.MaxBy(model => model.Accuracy(validation))!;
    var common = train.CountBy(row => row.Label).MaxBy(pair => pair.Value).Key;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{Path.GetFileName(task)}: rows {train.Length}/{validation.Length}/{test.Length}, words a row {train.Average(row => row.Words):F1}, majority {test.Count(row => row.Label == common) / (double)test.Length:F3}, naive Bayes validation {best.Accuracy(validation):F3} test {best.Accuracy(test):F3}"));
    var labels = train.CountBy(row => row.Label).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).ToList();
    var shown = labels.Take(12).Select(label => $"{label.Key} {label.Value}/{validation.Count(row => row.Label == label.Key)}/{test.Count(row => row.Label == label.Key)}");
    Console.WriteLine($"  {labels.Count} labels: {string.Join(", ", shown)}");
}

/// <summary>A row of a task: its words and word pairs, and its label (the last column).</summary>
sealed partial record Row(string[] Features, string Label, int Words)
{
    public static Row[] Read(string task, string split) =>
        [.. File.ReadLines(Path.Combine(task, split + ".csv")).Skip(1).Select(line => Cell().Matches(line).Select(match => match.Value).ToArray()).Select(Parse)];

    static Row Parse(string[] cells)
    {
        var words = cells[..^1].Select(cell => Word().Matches(cell.ToLowerInvariant()).Select(match => match.Value).ToArray()).ToArray();
        var text = words[^1];
        var features = text.Concat(text.Zip(text.Skip(1), (first, second) => first + " " + second));
        if (words.Length == 2) features = features.Append($"#shared {words[0].Count(word => text.Any(other => Stem(other) == Stem(word)))} of {words[0].Length}");
        return new([.. features], cells[^1], text.Length);
    }

    static string Stem(string word) => word[..Math.Min(word.Length, 4)];

    [GeneratedRegex("(?<=^|,)(?:\"(?:[^\"]|\"\")*\"|[^,\"]*)(?=,|$)")] private static partial Regex Cell();
    [GeneratedRegex(@"\w+")] private static partial Regex Word();
}

/// <summary>Multinomial naive Bayes with additive smoothing.</summary>
sealed class Bayes
{
    readonly Dictionary<string, (double Prior, double Total, Dictionary<string, int> Counts)> _labels;
    readonly double _smoothing, _vocabulary;

    public Bayes(Row[] rows, double smoothing)
    {
        _smoothing = smoothing;
        _vocabulary = rows.SelectMany(row => row.Features).Distinct().Count();
        _labels = rows.GroupBy(row => row.Label).ToDictionary(group => group.Key, group =>
            (Math.Log(group.Count() / (double)rows.Length), (double)group.Sum(row => row.Features.Length), group.SelectMany(row => row.Features).CountBy(feature => feature).ToDictionary()));
    }

    public double Accuracy(Row[] rows) => rows.Count(row => Predict(row) == row.Label) / (double)rows.Length;

    string Predict(Row row) => _labels.MaxBy(label => label.Value.Prior + row.Features.Sum(feature => Math.Log(
        (label.Value.Counts.GetValueOrDefault(feature) + _smoothing) / (label.Value.Total + _smoothing * _vocabulary)))).Key;
}
