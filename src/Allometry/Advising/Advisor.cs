using Allometry.Analysis.Laws;
using Allometry.Kinds;
using Allometry.Models;

namespace Allometry.Advising;

/// <summary>Which shape to train for what a person can spend: the strategy proposes, runs that were made foretell.</summary>
public sealed record Advisor(Trial Trial, Strategy Strategy, IReadOnlyList<Shape> Widths, Outlook Outlook)
{
    /// <summary>An extra run should be cheaper than what it informs of.</summary>
    private const double ExtraShare = 0.5;

    /// <param name="far">Foretell also far beyond the runs.</param>
    public Advice For(Limit limit, bool far = false)
    {
        var shapes = Strategy.Propose(Widths, shape => limit.Allows(Trial.Of(shape)));
        if (shapes.Count == 0)
        {
            var least = Strategy.Grid(Widths).Select(Trial.Of).MinBy(limit.Of)!;
            throw new InputException($"--{limit.Measure}", $"not even the smallest shape fits: {least.Name} takes {limit.Of(least):G3}", "give more, or a store with smaller shapes");
        }
        Proposal[] proposals = [.. shapes.Select(Trial.Of).Select(candidate => Told(candidate, far))];
        Proposal[] measured = [.. Outlook.Measured(Trial).Where(run => limit.Allows(run.Candidate)).OrderByDescending(run => run.Quality?.Value).ThenBy(run => run.Loss?.Value)];
        return new(limit, Trial, Strategy, Outlook, proposals, measured, Extra(proposals[0]));
    }

    private Proposal Told(Candidate candidate, bool far)
    {
        var (loss, quality) = (Outlook.Loss(candidate), Outlook.Quality(candidate));
        var beyond = (loss ?? quality)?.Extrapolation ?? 1;
        return beyond > LawFit.FarthestFactor && !far ? new(candidate, null, null, beyond) : new(candidate, loss, quality, beyond);
    }

    /// <summary>The affordable run that leaves the least of the interval of the strategy's choice; of equally good ones the cheapest.</summary>
    private ExtraRun? Extra(Proposal first) => first.Loss is null ? null
        : Strategy.Grid(Widths).Select(Trial.Of).Where(candidate => candidate.Load.TrainingFlops <= ExtraShare * first.Candidate.Load.TrainingFlops)
            .Select(candidate => new ExtraRun(candidate, Outlook.Narrowed(first.Candidate, candidate)))
            .OrderBy(extra => Math.Round(extra.Left, 3)).ThenBy(extra => extra.Candidate.Load.TrainingFlops).FirstOrDefault();
}

/// <summary>What an advisor says.</summary>
/// <param name="Outlook">What foretold it.</param>
/// <param name="Proposals">The strategy's choice first, then its neighbours in width.</param>
/// <param name="Measured">Shapes of the same runs within the limit, the best first.</param>
/// <param name="Extra">The one further run that would narrow the answer most; null where nothing is foretold or affordable.</param>
public sealed record Advice(Limit Limit, Trial Trial, Strategy Strategy, Outlook Outlook, IReadOnlyList<Proposal> Proposals, IReadOnlyList<Proposal> Measured, ExtraRun? Extra)
{
    /// <summary>The shape that the runs expect most of or saw most of: by quality where that is known, else by loss; null where neither is.</summary>
    public Proposal? Best => Proposals.Concat(Measured).Where(one => one.Quality is not null).MaxBy(one => one.Quality!.Value)
        ?? Proposals.Concat(Measured).Where(one => one.Loss is not null).MinBy(one => one.Loss!.Value);
}

/// <summary>A shape with what is foretold of it, nothing where the runs are too far from it; or with what it came to.</summary>
public sealed record Proposal(Candidate Candidate, Foretold? Loss, Foretold? Quality, double Extrapolation, bool IsMeasured = false);

/// <summary>A further run, and the share of the interval that it would leave.</summary>
public sealed record ExtraRun(Candidate Candidate, double Left);
