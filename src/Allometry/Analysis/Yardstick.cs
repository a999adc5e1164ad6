namespace Allometry.Analysis;

/// <summary>What shapes are compared by: the mean quality, one measure of a task, or the held-out loss.</summary>
/// <param name="Of">Null where a shape has no such number.</param>
public sealed record Yardstick(string Name, string Title, string Unit, bool LessIsBetter, Func<ShapeSummary, Spread?> Of)
{
    private const string ScoreUnit = "score, 1 is perfect";

    public static Yardstick Loss { get; } =
        new("validation-loss", "Held-out loss", "nats per target token", LessIsBetter: true, shape => shape.Loss);

    public static Yardstick Quality(IReadOnlyList<string> names) =>
        new("quality", "Quality", names.Count == 1 ? $"score of {names[0]}" : $"mean score of {string.Join(" and ", names)}", LessIsBetter: false,
            shape => shape.Scores.Quality);

    public static Yardstick Measure(string name) =>
        new(name, name.Replace('/', ' '), ScoreUnit,
            LessIsBetter: false, shape => shape.Scores.Trained.GetValueOrDefault(name));

    public Frontier Against(CostAxis cost, IEnumerable<ShapeSummary> shapes) =>
        Frontier.Of(shapes.Select(shape => new ParetoPoint(shape.Name, cost.Of(shape), Sign * (Of(shape)?.Mean ?? double.NaN))));

    /// <summary>More is always better on a frontier: losses stand on it with their sign turned.</summary>
    public int Sign => LessIsBetter ? -1 : 1;
}
