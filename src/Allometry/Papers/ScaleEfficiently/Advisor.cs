using Allometry.Analysis.Laws;
using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Papers.ScaleEfficiently;

/// <summary>Which shape to train for what a person can spend: the protocol proposes, runs that were made foretell.</summary>
public sealed record Advisor(Trial Trial, IReadOnlyList<Shape> Widths, Outlook Outlook)
{
    /// <summary>An extra run should be cheaper than what it informs of.</summary>
    private const double ExtraShare = 0.5;

    /// <param name="far">Foretell also far beyond the runs.</param>
    public Advice For(Limit limit, bool far = false)
    {
        var shapes = DeepNarrow.Propose(Widths, shape => limit.Allows(Trial.Of(shape)));
        if (shapes.Count == 0)
        {
            var least = DeepNarrow.Grid(Widths).Select(Trial.Of).MinBy(limit.Of)!;
            throw new InputException($"--{limit.Measure}", $"not even the smallest shape fits: {least.Name} takes {limit.Of(least):G3}", "give more, or a store with smaller shapes");
        }
        Proposal[] proposals = [.. shapes.Select(Trial.Of).Select(candidate => Told(candidate, far))];
        return new(limit, Trial.Words, Outlook.Basis, Outlook.QualityWords, proposals, Extra(proposals[0])) { PaceWords = Trial.PaceWords, PaceMeasured = Trial.Pace.Measured, BackTests = Outlook.BackTests };
    }

    private Proposal Told(Candidate candidate, bool far)
    {
        var (loss, quality) = (Outlook.Loss(candidate), Outlook.Quality(candidate));
        var tooFar = loss.Extrapolation > LawFit.FarthestFactor && !far;
        return new(candidate, tooFar ? null : loss, tooFar ? null : quality, loss.Extrapolation);
    }

    /// <summary>The affordable run that leaves the least of the interval of the protocol's choice; of equally good ones the cheapest.</summary>
    private ExtraRun? Extra(Proposal first)
    {
        if (first.Loss is null) return null;
        return DeepNarrow.Grid(Widths).Select(Trial.Of).Where(candidate => candidate.Load.TrainingFlops <= ExtraShare * first.Candidate.Load.TrainingFlops)
            .Select(candidate => new ExtraRun(candidate, Outlook.Narrowed(first.Candidate, candidate)))
            .OrderBy(extra => Math.Round(extra.Left, 3)).ThenBy(extra => extra.Candidate.Load.TrainingFlops).FirstOrDefault();
    }
}

/// <summary>What an advisor says.</summary>
/// <param name="Proposals">The protocol's choice first, then its neighbours in width.</param>
/// <param name="Extra">The one further run that would narrow the answer most; null where nothing is foretold or affordable.</param>
public sealed record Advice(Limit Limit, string Trial, string Basis, string QualityWords, IReadOnlyList<Proposal> Proposals, ExtraRun? Extra)
{
    /// <summary>Where the times come from, in words.</summary>
    public string PaceWords { get; init; } = "";

    /// <summary>Whether they come from a measurement.</summary>
    public bool PaceMeasured { get; init; }

    /// <summary>What the same laws foretold of runs that they had not seen.</summary>
    public IReadOnlyList<Hindsight> BackTests { get; init; } = [];

    /// <summary>The proposal that the runs expect most of: by quality where that is foretold, else by loss; null where nothing is.</summary>
    public Proposal? Best => Proposals.All(proposal => proposal.Quality is not null) ? Proposals.MaxBy(proposal => proposal.Quality!.Value)
        : Proposals.All(proposal => proposal.Loss is not null) ? Proposals.MinBy(proposal => proposal.Loss!.Value) : null;
}

/// <summary>A shape with what is foretold of it; nothing where the runs are too far from it.</summary>
public sealed record Proposal(Candidate Candidate, Foretold? Loss, Foretold? Quality, double Extrapolation);

/// <summary>A further run, and the share of the interval that it would leave.</summary>
public sealed record ExtraRun(Candidate Candidate, double Left);
