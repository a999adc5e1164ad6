namespace Allometry.Tasks;

/// <summary>
/// What a model said beside what was right, example by example. An example may have several references (any of them is right);
/// <paramref name="Labels"/> are the label words of a classification task in class order, null for free text.
/// </summary>
public sealed record Answers(IReadOnlyList<string> Predictions, IReadOnlyList<IReadOnlyList<string>> References, IReadOnlyList<string>? Labels = null)
{
    /// <summary>The usual case: one target an example.</summary>
    public static Answers Of(IReadOnlyList<string> predictions, IReadOnlyList<string> targets, IReadOnlyList<string>? labels = null) =>
        new(predictions, [.. targets.Select(target => (IReadOnlyList<string>)[target])], labels);

    public int Count { get; } = Predictions.Count == References.Count && References.All(r => r.Count > 0)
        ? Predictions.Count
        : throw new ArgumentException($"{Predictions.Count} predictions for {References.Count} targets; every example needs one of each.");

    /// <summary>Columns that metrics ask for, example by example.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>?>? Passed { get; init; }

    /// <summary>What was predicted for examples.</summary>
    public static Answers To(IReadOnlyList<TextExample> examples, IReadOnlyList<string> predictions, IReadOnlyList<string>? labels = null) =>
        new(predictions, [.. examples.Select(example => example.References)], labels) { Passed = [.. examples.Select(example => example.Passed)] };

    /// <summary>A column of the table, example by example; an <see cref="ArgumentException"/> where the examples were made without it.</summary>
    public IReadOnlyList<string> Column(string name) => Passed is { } passed && passed.Count == Count && passed.All(cells => cells?.ContainsKey(name) == true)
        ? [.. passed.Select(cells => cells![name])]
        : throw new ArgumentException($"The examples were made without the column '{name}'.");

    /// <summary>The first reference of every example: the target of a task with one right answer.</summary>
    public IEnumerable<string> Targets => References.Select(references => references[0]);

    /// <summary>Class indices of (prediction, target); -1 for a text that is no label word, compared exactly as T5 does.</summary>
    public (int Prediction, int Target)[] Classes()
    {
        var words = ClassWords();
        var index = words.Select((word, i) => (word, i)).ToDictionary(p => p.word, p => p.i, StringComparer.Ordinal);
        return [.. Predictions.Zip(Targets, (prediction, target) => (index.GetValueOrDefault(prediction, -1), index.GetValueOrDefault(target, -1)))];
    }

    /// <summary>The label words, or without any the distinct targets in ordinal order.</summary>
    public IReadOnlyList<string> ClassWords() => Labels ?? [.. Targets.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The mean over examples of the best score that any reference gives; 0 without examples.</summary>
    public double MeanOfBest(Func<string, string, double> score) =>
        Count == 0 ? 0 : Predictions.Zip(References, (prediction, references) => references.Max(reference => score(prediction, reference))).Average();
}
