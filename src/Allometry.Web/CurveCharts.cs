using Allometry.Reports;
using Allometry.Reports.Sections;
using Allometry.Store;

namespace Allometry.Web;

/// <summary>Curves of runs, thinned to what a screen can show.</summary>
internal static class CurveCharts
{
    /// <summary>More points than these on a line nobody can see.</summary>
    public const int Windows = 300;

    /// <summary>A loss falls so far in its first steps that later ones could not be told apart: of curves as long as this the fall is left out.</summary>
    private const int Long = 32;

    /// <summary>One measured quantity of several runs over the tokens that they have seen; null where none has two points of it.</summary>
    public static Chart? Of(StudyLook look, string name, IEnumerable<(string Label, string Run)> runs)
    {
        Series[] series = [.. runs.Select(run => new Series(run.Label, Mark.Line, Points(look, run.Run, name))).Where(series => series.Points.Count > 1)];
        var top = name == "loss" && series.Any(line => line.Points.Count >= Long) ? LossCurves.Top(series) : null;
        return series.Length == 0 ? null : new(name.Replace('/', '-'), Title(name), Axis.TokensSeen, new(Title(name), Unit(name), Top: top), series, Size: Size.Half);
    }

    private static IReadOnlyList<Point> Points(StudyLook look, string run, string name) =>
        [.. look.Curve(run, name, Windows).Where(m => double.IsFinite(m.Value)).Select(m => new Point(m.Tokens, m.Value))];

    private static string Title(string name) => name switch
    {
        "loss" => "Training loss",
        "validation-loss" => "Held-out loss",
        _ => name.Replace('/', ' '),
    };

    private static string Unit(string name) => name.Contains("loss", StringComparison.Ordinal) ? "nats per target token" : "as measured";
}
