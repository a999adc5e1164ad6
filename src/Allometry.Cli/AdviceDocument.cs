using Allometry.Advising;
using Allometry.Analysis.Laws;

namespace Allometry.Cli;

/// <summary>What <c>advise --json</c> says.</summary>
public sealed record AdviceDocument(
    string Measure, double Limit, string Trial, string Basis, ProposalDocument Recommended, string? ExpectedBest, IReadOnlyList<ProposalDocument> Proposals, ExtraDocument? ExtraRun)
{
    /// <summary>Shapes of the store within the limit, the best first, as they were measured.</summary>
    public IReadOnlyList<ProposalDocument> Measured { get; init; } = [];

    /// <summary>Why something is not foretold.</summary>
    public IReadOnlyList<string> Doubts { get; init; } = [];

    /// <summary>Whether times are at a measured pace; else at an assumed one.</summary>
    public bool PaceMeasured { get; init; }

    /// <summary>What the same laws, fitted to the cheap runs alone, foretold of the dear ones.</summary>
    public IReadOnlyList<HindsightDocument> BackTests { get; init; } = [];

    public static AdviceDocument Of(Advice advice)
    {
        ProposalDocument[] proposals = [.. advice.Proposals.Select(ProposalDocument.Of)];
        return new(advice.Limit.Measure, advice.Limit.Most, advice.Trial.Words, advice.Outlook.Basis, proposals[0], advice.Best?.Candidate.Name, proposals,
            advice.Extra is { } extra ? new(extra.Candidate.Name, CountedShapeOf(extra.Candidate), extra.Candidate.Load.TrainingFlops, extra.Left) : null)
        {
            Measured = [.. advice.Measured.Select(ProposalDocument.Of)],
            Doubts = advice.Outlook.Doubts,
            PaceMeasured = advice.Trial.Pace.Measured,
            BackTests = [.. advice.Outlook.BackTests.Select(HindsightDocument.Of)],
        };
    }

    internal static CountedShape CountedShapeOf(Candidate candidate)
    {
        var shape = candidate.Shape;
        return new(shape.ModelWidth, shape.FeedForwardWidth, shape.HeadWidth, shape.Heads, shape.EncoderLayers, shape.DecoderLayers, shape.Vocabulary);
    }
}

public sealed record ProposalDocument(
    string Name, CountedShape Shape, long Parameters, double TrainingFlops, double Tokens, double Seconds, double MemoryBytes, ForetoldDocument? Loss, ForetoldDocument? Quality, double Extrapolation)
{
    public static ProposalDocument Of(Proposal proposal)
    {
        var (candidate, load) = (proposal.Candidate, proposal.Candidate.Load);
        return new(candidate.Name, AdviceDocument.CountedShapeOf(candidate), load.Parameters, load.TrainingFlops, load.Tokens, candidate.Seconds, load.MemoryBytes, ForetoldDocument.Of(proposal.Loss), ForetoldDocument.Of(proposal.Quality), proposal.Extrapolation);
    }
}

public sealed record ForetoldDocument(double Value, double[]? Interval)
{
    public static ForetoldDocument? Of(Foretold? foretold) => foretold is null ? null : new(foretold.Value, FitDocument.Ends(foretold.Interval));
}

/// <param name="Quantity">loss or quality.</param>
public sealed record HindsightDocument(string Quantity, string Cut, int Fitted, int Tested, double Mare, double Max, double Bias, double LnRmse, double? Coverage, double Extrapolation)
{
    public static HindsightDocument Of(Hindsight test) =>
        new(test.Quantity, test.Cut, test.Fitted, test.Tests.Count, test.Figures.Mare, test.Figures.Max, test.Figures.Bias, test.Figures.LogRmse, test.Figures.Coverage, test.Figures.Extrapolation);
}

/// <param name="IntervalLeft">The share of the interval of the recommended shape's loss that would be left.</param>
public sealed record ExtraDocument(string Name, CountedShape Shape, double TrainingFlops, double IntervalLeft);
