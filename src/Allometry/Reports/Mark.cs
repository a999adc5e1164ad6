namespace Allometry.Reports;

/// <summary>How a series is drawn.</summary>
public enum Mark
{
    /// <summary>What the chart is about.</summary>
    Dots,

    /// <summary>Beside it, in grey.</summary>
    MutedDots,

    /// <summary>Level to the next point, then up or down: a frontier.</summary>
    Steps,

    Line,

    /// <summary>What a law says beside what was measured, dotted.</summary>
    Foretold,

    /// <summary>Joins points that belong together; not in the legend, nor in the numbers.</summary>
    Links,

    /// <summary>Something to hold the points against, such as y = x.</summary>
    Guide,
}
