using System.Globalization;
using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>Which layers of models that were compared are alike: a heat map of CKA for each comparison, and layers as deep side by side.</summary>
public sealed record SimilaritySection : StudySection
{
    public override Place Place => Place.Stages;

    /// <summary>The kind of the stage whose numbers are shown.</summary>
    private const string Stage = StudyRun.Similarity;

    /// <summary>Null where nothing was compared.</summary>
    public override Section? Of(Findings findings)
    {
        var compared = findings.Study.Runs.Where(run => run.Stage == Stage && run.IsDone).GroupBy(run => (Shape: run.Name, run.Task, run.From)).Select(group => new Comparison(group.Key.Shape, group.Key.Task, group.Key.From, [.. group])).ToList();
        if (compared.Count == 0) return null;
        return new("similarity", "What models make of texts", [
            new Paragraph("CKA is 1 where one layer's states turn into the other's by turning and scaling, and near 0 where they have nothing in common. Its unbiased form stands beside it: of few texts and wide layers the plain one is high by chance. "
                + "STIR asks how alike one model finds texts that the other takes for neighbours; it has a direction and depends on the texts, and a model against itself is not 1."),
            .. compared.GroupBy(comparison => (comparison.Task, comparison.What)).Select(group => ByDepth(group.Key.Task, group.Key.What, [.. group])),
            .. compared.Select(comparison => comparison.Heat()),
            Layers(compared),
        ]);
    }

    private static Chart ByDepth(string? task, string what, IReadOnlyList<Comparison> comparisons) => new(
        Name("cka-by-depth", task, what), $"{Title(task, what)}, by depth", new("Depth", "share of the layers"), new("CKA", "of layers as deep"),
        [.. comparisons.Select(comparison => new Series(comparison.Shape, Mark.Line, [.. comparison.Depths.Select(i => (X: i / Math.Max(1.0, comparison.Depths.Count - 1), Y: comparison.Beside("cka", i))).Where(point => point.Y is not null).Select(point => new Point(point.X, point.Y!.Value))]))],
        "0 is the embedding's output, 1 the last layer after its norm. Means over seeds.", Size.Half);

    private static Table Layers(IReadOnlyList<Comparison> compared) => new(
        "similarity-layers", "Layers as deep, side by side",
        [
            Column.Words("shape", "Shape"), Column.Words("task", "Task"), Column.Words("compared", "Compared"), new("layer", "Layer"), new("cka", "CKA"), new("unbiased", "Unbiased"),
            new("stir-first-seen-by-second", "STIR run | other"), new("stir-second-seen-by-first", "STIR other | run"), new("inversion", "By inversion run | other"), new("residual", "Gap left"), new("seeds", "Seeds"),
        ],
        [.. from comparison in compared from i in comparison.Depths select Row(comparison, i)],
        "STIR a | b: texts that b takes for neighbours, in the eyes of a; by inversion, texts that b cannot tell apart.");

    private static IReadOnlyList<Cell> Row(Comparison comparison, int i) =>
    [
        Cell.Of(comparison.Shape), Cell.Of(comparison.Task ?? ""), Cell.Of(comparison.What), Cell.Of(i, Numerals.Whole), Cell.Of(comparison.Beside("cka", i), Numerals.Score), Cell.Of(comparison.Beside("unbiased", i), Numerals.Score),
        Cell.Of(comparison.Mean($"stir/second-given-first/{i}"), Numerals.Score), Cell.Of(comparison.Mean($"stir/first-given-second/{i}"), Numerals.Score),
        Cell.Of(comparison.Mean($"inversion/second-given-first/{i}"), Numerals.Score), Cell.Of(comparison.Mean($"inversion/residual/{i}"), Numerals.Score), Cell.Of(comparison.Runs.Count, Numerals.Whole),
    ];

    private static string Title(string? task, string what) => task is null ? $"CKA, {what}" : $"CKA on {task}, {what}";

    private static string Name(params string?[] parts) => string.Join('-', parts.OfType<string>().Select(part => new string([.. part.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')])));

    /// <summary>One comparison over its seeds.</summary>
    private sealed record Comparison(string Shape, string? Task, string What, IReadOnlyList<StudyRun> Runs)
    {
        private readonly (int Rows, int Columns) size = Size(Runs[0]);

        public IReadOnlyList<int> Depths => [.. Enumerable.Range(0, size.Rows)];

        public double? Mean(string name) => Spread.Of(Runs.Select(run => run.Result(name)))?.Mean;

        /// <summary>Of layer i and the one as deep.</summary>
        public double? Beside(string measure, int i) => Mean($"{measure}/{i}/{(size.Rows == 1 ? size.Columns - 1 : (int)Math.Round((double)i * (size.Columns - 1) / (size.Rows - 1), MidpointRounding.AwayFromZero))}");

        public HeatMap Heat() => new(Name("cka", Shape, Task, What), $"{Shape}: {Title(Task, What)}", "Other", "Run", Numbers(size.Rows), Numbers(size.Columns),
            [.. Depths.Select(i => (IReadOnlyList<double?>)[.. Enumerable.Range(0, size.Columns).Select(j => Mean($"cka/{i}/{j}"))])],
            $"Layers of the other model downwards, of the run to the right; {Mean("examples"):0} texts, {Words.Some(Runs.Count, "seed")}.");

        private static (int, int) Size(StudyRun run)
        {
            var places = run.Results.Keys.Select(name => name.Split('/')).Where(parts => parts is ["unbiased" or "cka", _, _]).ToList();
            int Count(int part) => places.Count == 0 ? 0 : 1 + places.Max(parts => int.Parse(parts[part], CultureInfo.InvariantCulture));
            return (Count(1), Count(2));
        }

        private static string[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture))];
    }
}
