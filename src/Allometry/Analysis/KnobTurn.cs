using Allometry.Analysis.Laws;

namespace Allometry.Analysis;

/// <summary>One knob turned up, from one shape to the next of a sweep: what it bought and what it cost.</summary>
/// <param name="Gain">In the units of the yardstick, more is better: a loss that falls is a gain.</param>
/// <param name="GainInterval">Over draws of other seeds; null where they are too few to know.</param>
public sealed record KnobTurn(Knob Knob, ShapeSummary From, ShapeSummary To, double Gain, Interval? GainInterval)
{
    public static IReadOnlyList<KnobTurn> All(Findings findings, Yardstick yardstick) =>
        [.. from knob in Knob.All
            from sweep in knob.Sweeps(findings.Shapes.Where(shape => yardstick.Of(shape) is not null))
            from turn in sweep.Zip(sweep.Skip(1))
            where knob.Of(turn.First) < knob.Of(turn.Second)
            select Of(findings, yardstick, knob, turn.First, turn.Second)];

    /// <summary>How many times the cost; NaN where one is not known.</summary>
    public double Times(CostAxis cost) => cost.Of(To) / cost.Of(From);

    /// <summary>Gain of a doubling of a cost at this rate; NaN where the cost does not rise.</summary>
    public double GainPerDoubling(CostAxis cost) => Times(cost) > 1 + 1e-9 ? Gain / Math.Log2(Times(cost)) : double.NaN;

    private static KnobTurn Of(Findings findings, Yardstick yardstick, Knob knob, ShapeSummary from, ShapeSummary to)
    {
        double Gain(ShapeSummary before, ShapeSummary after) => yardstick.Sign * (yardstick.Of(after)!.Mean - yardstick.Of(before)!.Mean);
        var (i, j) = (findings.Shapes.Index().First(pair => pair.Item == from).Index, findings.Shapes.Index().First(pair => pair.Item == to).Index);
        return new(knob, from, to, Gain(from, to), Interval.Of(findings.Draws.Select(draw => Gain(draw[i], draw[j]))));
    }
}
