using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What growing spares on the way to the loss of a training from scratch.</summary>
public sealed record TargetSection : StudySection
{
    public override Place Place => Place.Stages;

    /// <summary>Null where nothing was grown, or nothing trained from scratch to compare it with.</summary>
    public override Section? Of(Findings findings)
    {
        var all = TargetCost.All(findings.Study);
        return all.Count == 0 ? null : new("target", "Cost to a target loss", [TableOf(all)]);
    }

    private static Table TableOf(IReadOnlyList<TargetCost> all) => new(
        "target", "To the loss that the shape has from scratch",
        [
            Column.Words("shape", "Shape"), Column.Words("growth", "Grown by"), new("target-loss", "Target", "nats"), new("smaller-loss", "Smaller model", "nats"), Column.Words("reached", "Reached"),
            new("scratch-flops", "From scratch", "FLOP"), new("grown-flops", "Grown", "FLOP"), new("scratch-seconds", "From scratch", "time"), new("grown-seconds", "Grown", "time"),
            .. Saving("flops-saved", "FLOPs spared"), .. Saving("flops-saved-with-smaller", "with the smaller model's"), .. Saving("seconds-saved", "Seconds spared"), .. Saving("seconds-saved-with-smaller", "with the smaller model's"),
        ],
        [.. all.Select(Row)],
        "A share of what training from scratch takes until it first has the loss that it ends with, in brackets its 95 % interval over seeds (Student); only seeds that have reached the target count. What growing itself learns is counted. The first number takes the smaller model as given, the second counts its training in full. "
        + "Where the smaller model is already at the target, every growth that keeps what it computes wins at once: compare the two losses first.");

    private static IReadOnlyList<Cell> Row(TargetCost cost) =>
    [
        Cell.Of(cost.Shape), Cell.Of(cost.Growth), Cell.Of(cost.Over(pair => pair.Loss)?.Mean, Numerals.Score), Cell.Of(cost.Over(pair => pair.Smaller)?.Mean, Numerals.Score),
        Cell.Of($"{cost.Pairs.Count(pair => pair.IsReached)} of {cost.Pairs.Count}"),
        Cell.Of(cost.Over(pair => pair.Flops.Scratch)?.Mean, Numerals.Flops), Cell.Of(cost.Over(pair => pair.Flops.Grown)?.Mean, Numerals.Flops),
        Cell.Of(cost.Over(pair => pair.Seconds.Scratch)?.Mean, Numerals.Seconds), Cell.Of(cost.Over(pair => pair.Seconds.Grown)?.Mean, Numerals.Seconds),
        .. Saving(cost.Over(pair => pair.Flops.Saving)), .. Saving(cost.Over(pair => pair.Flops.WholeSaving)), .. Saving(cost.Over(pair => pair.Seconds.Saving)), .. Saving(cost.Over(pair => pair.Seconds.WholeSaving)),
    ];

    private static IEnumerable<Column> Saving(string name, string title) => [new(name, title), new($"{name}-low", "", Shown: Shown.InFiles), new($"{name}-high", "", Shown: Shown.InFiles)];

    private static IEnumerable<Cell> Saving(Spread? saving)
    {
        var interval = saving?.OfMean();
        var words = interval is null ? "" : $" [{Numerals.Percent(interval.Low)}, {Numerals.Percent(interval.High)}]";
        return
        [
            saving is null ? Cell.Empty : new(Numerals.Percent(saving.Mean) + words, saving.Mean),
            Cell.Of(interval?.Low, Numerals.Percent), Cell.Of(interval?.High, Numerals.Percent),
        ];
    }
}
