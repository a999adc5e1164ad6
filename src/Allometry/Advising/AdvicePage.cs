using Allometry.Analysis.Laws;
using Allometry.Reports;
using Allometry.Reports.Laws;

namespace Allometry.Advising;

/// <summary>Advice in words and a table.</summary>
public static class AdvicePage
{
    public static Page Of(Advice advice, string version) => new("Advice", $"A shape for {advice.Limit.Form(advice.Limit.Most)}", advice.Trial.Words, version,
        [new("advice", "The answer", [new Paragraph(Lead(advice), Lead: true), new Paragraph(Basis(advice)), .. advice.Outlook.Doubts.Select(doubt => new Paragraph(doubt)), Proposals(advice), BackTests(advice), .. Extra(advice)], InBrief: true)]);

    private static string Lead(Advice advice)
    {
        var first = advice.Proposals[0];
        var told = Told(first, advice.Outlook.QualityWords);
        var other = advice.Best is not { } best || best == first ? "" : best.IsMeasured
            ? $" But {best.Candidate.Name}, which was run and takes {Numerals.Flops(best.Candidate.Load.TrainingFlops)}, came to {Told(best, advice.Outlook.QualityWords)}: no better {(best.Quality is null ? "loss" : "quality")} is foretold within the limit."
            : $" The runs themselves expect more of {best.Candidate.Name}: {Told(best, advice.Outlook.QualityWords)}.";
        return $"{advice.Strategy.Words}: train {first.Candidate.Name}, {Numerals.Count(first.Candidate.Load.Parameters)} parameters{(told.Length > 0 ? ", expected " : "")}{told}.{other}";
    }

    private static string Told(Proposal proposal, string quality) =>
        string.Join(", ", new[] { proposal.Loss is { } loss ? $"loss {Range(loss)}" : null, proposal.Quality is { } score ? $"quality {Range(score)} ({quality})" : null }.OfType<string>());

    private static string Basis(Advice advice)
    {
        var far = advice.Proposals.Where(proposal => proposal is { Loss: null, Quality: null, Extrapolation: > LawFit.FarthestFactor }).Select(proposal => $"{proposal.Candidate.Name} ({proposal.Extrapolation:0} times)").ToArray();
        var used = advice.Limit.Of(advice.Proposals[0].Candidate) / advice.Limit.Most;
        return (used <= 0.5 && advice.Strategy.WhyUnused(advice.Proposals[0].Candidate.Shape) is { } why ? $"That takes {Numerals.Plain(100 * used, 2)} % of the limit and the rest stays unused: {why}. " : "")
            + $"Each shape {advice.Trial.Words}. {advice.Trial.PaceWords} Foretold from {advice.Outlook.Basis}."
            + (far.Length == 0 ? "" : $" Nothing is foretold more than {LawFit.FarthestFactor:0} times beyond them, which {Words.List(far)} would be; --far shows it all the same.");
    }

    private static Table Proposals(Advice advice) => new("proposals", "What fits",
        [
            Column.Words("shape", "Shape"), new("parameters", "Parameters"), new("flops", "FLOPs", "FLOP"), new("seconds", "Time", "s"), new("memory", "Memory", "bytes"),
            new("loss", "Loss", "nats per token"), new("loss-low", "", Shown: Shown.InFiles), new("loss-high", "", Shown: Shown.InFiles),
            new("quality", "Quality"), new("quality-low", "", Shown: Shown.InFiles), new("quality-high", "", Shown: Shown.InFiles),
        ],
        [.. advice.Proposals.Concat(advice.Measured).Select(proposal => (IReadOnlyList<Cell>)
        [
            Cell.Of(proposal.Candidate.Name + (proposal.IsMeasured ? " (run)" : "")), Cell.Of(proposal.Candidate.Load.Parameters, Numerals.Count), Cell.Of(proposal.Candidate.Load.TrainingFlops, Numerals.Flops), Cell.Of(proposal.Candidate.Seconds, Numerals.Seconds),
            Cell.Of(proposal.Candidate.Load.MemoryBytes, Numerals.Bytes), .. Cells(proposal.Loss), .. Cells(proposal.Quality),
        ])], $"The strategy's choice first, then its neighbours in width, each as deep as fits{(advice.Measured.Count > 0 ? "; then the best that was run within the limit, as measured" : "")}. In brackets: where one run would lie (95 %).")
    { MostRows = 2 * advice.Proposals.Count };

    /// <summary>No prediction without what its like were worth.</summary>
    private static Block BackTests(Advice advice) => advice.Outlook.BackTests.Count == 0
        ? new Paragraph("These runs are too few to be divided for a back-test: how good the predictions are is not known.")
        : BackTestTable.Of("How well the cheap ones of these runs foretold the dear ones", "Quantity", [.. advice.Outlook.BackTests.Select(test => new BackTestRow(test.Cut, test.Quantity, test.Fitted, test.Tests.Count, test.Figures))]);

    private static IEnumerable<Cell> Cells(Foretold? foretold) => foretold is null ? [Cell.Empty, Cell.Empty, Cell.Empty]
        : [new(Range(foretold), foretold.Value), Cell.Of(foretold.Interval?.Low, Numerals.Score), Cell.Of(foretold.Interval?.High, Numerals.Score)];

    private static IEnumerable<Paragraph> Extra(Advice advice)
    {
        if (advice.Extra is { } extra)
            yield return new($"One run more that would narrow this most, at no more than half the cost: {extra.Candidate.Name} ({Numerals.Flops(extra.Candidate.Load.TrainingFlops)}); the interval of the loss would be {Numerals.Plain(100 * extra.Left, 2)} % as wide.");
    }

    private static string Range(Foretold foretold) => Numerals.Score(foretold.Value) + (foretold.Interval is { } interval ? $" ({Numerals.Score(interval.Low)} to {Numerals.Score(interval.High)})" : "");
}
