using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What the routers of layers with experts did while training: how even the load is, what was dropped, how decided they are.</summary>
public sealed record ExpertsSection : StudySection
{
    public override Place Place => Place.Stages;

    /// <summary>Null where no layer has experts.</summary>
    public override Section? Of(Findings findings) =>
        Of([.. findings.Shapes.Select(shape => (shape.Name, findings.Study.RunsOf(shape.Name).Where(run => run.Stage == findings.Study.CostStage()).ToArray()))]);

    /// <summary>The same of the runs of each of these shapes.</summary>
    public static Section? Of(IReadOnlyList<(string Name, StudyRun[] Runs)> shapes)
    {
        var layers = LayersOf(shapes).ToArray();
        if (layers.Length == 0) return null;
        return new("experts", "Experts",
        [
            Over("expert-load", "Load of the fullest expert", new("Load", "of an even share"), layers, layer => layer.Loads().GroupBy(point => point.At).Select(at => at.MaxBy(point => point.Value)!), "1 is an even split of the tokens."),
            Over("dropped-tokens", "Tokens without a slot", new("Tokens dropped", "share"), layers, layer => layer.Curve("dropped"), "They pass through the residual alone."),
            Over("router-entropy", "How decided routers are", new("Entropy of a token's probabilities", "nats"), layers, layer => layer.Curve("entropy"), "0 where a router is sure of every token."),
            LastLoads(layers),
        ]);
    }

    private static IEnumerable<Layer> LayersOf(IReadOnlyList<(string Name, StudyRun[] Runs)> shapes) =>
        from shape in shapes
        from layer in shape.Runs.SelectMany(run => run.Curves.Keys).Where(name => name.StartsWith(StudyRun.Layers, StringComparison.Ordinal)).Select(name => name.Split('/')[1]).Distinct().Order(StringComparer.Ordinal)
        select new Layer(shapes.Count > 1 ? $"{shape.Name}, {layer}" : layer, $"{StudyRun.Layers}{layer}/", shape.Runs);

    private static Chart Over(string name, string title, Axis axis, Layer[] layers, Func<Layer, IEnumerable<Measured>> points, string note) => new(
        name, title, Axis.TokensSeen, axis,
        [.. layers.Select(layer => new Series(layer.Name, Mark.Line, [.. points(layer).OrderBy(point => point.At).Select(point => new Point(point.At, point.Value))]))], $"{note} Means over seeds.", Size.Half);

    private static Chart LastLoads(Layer[] layers) => new(
        "expert-loads", "Load of each expert at the end", new("Expert", "number", Step: 1), new("Load", "of an even share"),
        [.. layers.Select(layer => new Series(layer.Name, Mark.Line, [.. layer.Loads().GroupBy(point => point.Part).OrderBy(expert => expert.Key).Select(expert => new Point(expert.Key, expert.MaxBy(point => point.At)!.Value))]))],
        "Means over seeds.", Size.Half);

    /// <param name="Part">The expert, from 0 on.</param>
    /// <param name="At">Tokens seen.</param>
    private sealed record Measured(int Part, double At, double Value);

    /// <summary>One layer of one shape, over the seeds.</summary>
    private sealed record Layer(string Name, string Prefix, StudyRun[] Runs)
    {
        public IEnumerable<Measured> Curve(string what, int part = 0) => Runs.SelectMany(run => run.Curves.GetValueOrDefault(Prefix + what) ?? [])
            .GroupBy(point => point.Tokens).Select(at => new Measured(part, at.Key, at.Average(point => point.Value)));

        public IEnumerable<Measured> Loads() => Runs.SelectMany(run => run.Curves.Keys).Where(name => name.StartsWith($"{Prefix}load/", StringComparison.Ordinal)).Distinct()
            .SelectMany(name => Curve(name[Prefix.Length..], int.Parse(name.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture)));
    }
}
