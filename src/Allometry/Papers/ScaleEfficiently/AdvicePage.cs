using Allometry.Analysis.Laws;
using Allometry.Reports;
using Allometry.Reports.Laws;

namespace Allometry.Papers.ScaleEfficiently;

/// <summary>Advice in words and a table.</summary>
public static class AdvicePage
{
    public static Page Of(Advice advice, string version) => new("Advice", $"A shape for {Amount(advice.Limit)}", advice.Trial, version,
        [new("advice", "The answer", [new Paragraph(Lead(advice), Lead: true), new Paragraph(Basis(advice)), Proposals(advice), BackTests(advice), .. Extra(advice)], InBrief: true)]);

    private static string Lead(Advice advice)
    {
        var first = advice.Proposals[0];
        var expected = first.Loss is null ? "" : $", expected loss {Range(first.Loss)}{(first.Quality is null ? "" : $", quality {Range(first.Quality)} ({advice.QualityWords})")}";
        var other = advice.Best is { } best && best != first ? $" The runs themselves expect more of {best.Candidate.Name}: {(best.Quality is { } quality ? $"quality {Range(quality)}" : $"loss {Range(best.Loss!)}")}." : "";
        return $"Depth first, then the next width: train {first.Candidate.Name}, {Numerals.Count(first.Candidate.Load.Parameters)} parameters{expected}.{other}";
    }

    private static string Basis(Advice advice)
    {
        var far = advice.Proposals.Where(proposal => proposal.Loss is null).Select(proposal => $"{proposal.Candidate.Name} ({proposal.Extrapolation:0} times)").ToArray();
        return $"Each shape {advice.Trial}. {advice.PaceWords} Foretold from {advice.Basis}."
            + (far.Length == 0 ? "" : $" Nothing is foretold more than {LawFit.FarthestFactor:0} times beyond them, which {Words.List(far)} would be; --far shows it all the same.");
    }

    private static Table Proposals(Advice advice) => new("proposals", "What fits",
        [
            Column.Words("shape", "Shape"), new("parameters", "Parameters"), new("flops", "FLOPs", "FLOP"), new("seconds", "Time", "s"), new("memory", "Memory", "bytes"),
            new("loss", "Loss", "nats per token"), new("loss-low", "", Shown: Shown.InFiles), new("loss-high", "", Shown: Shown.InFiles),
            new("quality", "Quality"), new("quality-low", "", Shown: Shown.InFiles), new("quality-high", "", Shown: Shown.InFiles),
        ],
        [.. advice.Proposals.Select(proposal => (IReadOnlyList<Cell>)
        [
            Cell.Of(proposal.Candidate.Name), Cell.Of(proposal.Candidate.Load.Parameters, Numerals.Count), Cell.Of(proposal.Candidate.Load.TrainingFlops, Numerals.Flops), Cell.Of(proposal.Candidate.Seconds, Numerals.Seconds),
            Cell.Of(proposal.Candidate.Load.MemoryBytes, Numerals.Bytes), .. Cells(proposal.Loss), .. Cells(proposal.Quality),
        ])], "The protocol's choice first, then its neighbours in width, each as deep as fits. In brackets: where one run would lie (95 %).");

    /// <summary>No prediction without what its like were worth.</summary>
    private static Block BackTests(Advice advice) => advice.BackTests.Count == 0
        ? new Paragraph("These runs are too few to be divided for a back-test: how good the predictions are is not known.")
        : BackTestTable.Of("How well the cheap ones of these runs foretold the dear ones", "Quantity", [.. advice.BackTests.Select(test => new BackTestRow(test.Cut, test.Quantity, test.Fitted, test.Tests.Count, test.Figures))]);

    private static IEnumerable<Cell> Cells(Foretold? foretold) => foretold is null ? [Cell.Empty, Cell.Empty, Cell.Empty]
        : [new(Range(foretold), foretold.Value), Cell.Of(foretold.Interval?.Low, Numerals.Score), Cell.Of(foretold.Interval?.High, Numerals.Score)];

    private static IEnumerable<Paragraph> Extra(Advice advice)
    {
        if (advice.Extra is { } extra)
            yield return new($"One run more that would narrow this most, at no more than half the cost: {extra.Candidate.Name} ({Numerals.Flops(extra.Candidate.Load.TrainingFlops)}); the interval of the loss would be {Numerals.Plain(100 * extra.Left, 2)} % as wide.");
    }

    private static string Range(Foretold foretold) => $"{Numerals.Score(foretold.Value)} ({(foretold.Interval is { } interval ? $"{Numerals.Score(interval.Low)} to {Numerals.Score(interval.High)}" : "no interval")})";

    private static string Amount(Limit limit) => limit.Measure switch
    {
        "flops" => Numerals.Flops(limit.Most),
        "parameters" => $"{Numerals.Count(limit.Most)} parameters",
        "time" => Numerals.Seconds(limit.Most),
        _ => Numerals.Bytes(limit.Most),
    };
}
