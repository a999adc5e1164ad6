namespace Allometry.Analysis.Laws;

/// <summary>A law that is a straight line on logarithmic axes: fitted by ordinary least squares, its intervals are those of Student's t.</summary>
public abstract record LogLinearLaw : ScalingLaw
{
    public override int FewestPoints => 3;

    public sealed override Estimate Estimate(IReadOnlyList<Observation> points, IReadOnlyList<double>? near = null)
    {
        var line = Line(points);
        return new(FromLine(line.Slope, line.Intercept), line.Freedom * line.ResidualDeviation * line.ResidualDeviation / 2);
    }

    public override IReadOnlyList<IReadOnlyList<double>>? Draws(IReadOnlyList<Observation> points, int count, long seed) =>
        [.. Line(points).Draws(count, seed).Select(draw => FromLine(draw.Slope, draw.Intercept))];

    public override Interval? ExactInterval(IReadOnlyList<Observation> points, IReadOnlyList<double> x) => Line(points).Interval(x[0]);

    /// <summary>The law's parameters from ln y = intercept + slope ln x.</summary>
    protected abstract IReadOnlyList<double> FromLine(double slope, double intercept);

    protected static PowerLine Line(IReadOnlyList<Observation> points) => PowerLine.Of([.. points.Select(point => point.X[0])], [.. points.Select(point => point.Y)]);
}
