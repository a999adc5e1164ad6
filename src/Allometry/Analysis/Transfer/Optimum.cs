namespace Allometry.Analysis.Transfer;

/// <summary>The best setting of a sweep: the lowest point of a parabola of the loss over the setting's logarithm through the lowest loss and its neighbours; the lowest itself at an edge of the sweep.</summary>
public static class Optimum
{
    /// <summary>Whether the lowest loss is that of the least or the greatest setting: then a better one may lie beyond.</summary>
    public static bool IsAtEdge(IEnumerable<(double Setting, double Loss)> sweep)
    {
        var points = sweep.OrderBy(point => point.Setting).ToArray();
        var best = Array.FindIndex(points, point => double.IsFinite(point.Loss) && points.All(other => !(other.Loss < point.Loss)));
        return best >= 0 && (best == 0 || best == points.Length - 1);
    }

    /// <summary>Null where no loss is a number. One that is none (a training that diverged) counts as worse than any.</summary>
    public static double? Of(IEnumerable<(double Setting, double Loss)> sweep)
    {
        var points = sweep.OrderBy(point => point.Setting).Select(point => (X: Math.Log(point.Setting), point.Loss)).ToArray();
        var best = Array.FindIndex(points, point => double.IsFinite(point.Loss) && points.All(other => !(other.Loss < point.Loss)));
        if (best < 0) return null;
        if (best == 0 || best == points.Length - 1 || !double.IsFinite(points[best - 1].Loss) || !double.IsFinite(points[best + 1].Loss)) return Math.Exp(points[best].X);
        var (before, at, after) = (points[best - 1], points[best], points[best + 1]);
        // Newton's form: the slopes on both sides, and where the line between them is zero.
        var (left, right) = ((at.Loss - before.Loss) / (at.X - before.X), (after.Loss - at.Loss) / (after.X - at.X));
        var curvature = (right - left) / (after.X - before.X);
        return Math.Exp(curvature > 0 ? ((before.X + at.X) / 2) - (left / (2 * curvature)) : at.X);
    }
}
