using Allometry.Analysis.Laws;

namespace Allometry.Advising;

/// <summary>What is known of how shapes will do, from runs that were made.</summary>
public abstract record Outlook
{
    /// <summary>Whose runs, in words.</summary>
    public abstract string Basis { get; }

    /// <summary>Unit and meaning of <see cref="Quality"/>.</summary>
    public abstract string QualityWords { get; }

    /// <summary>How well the same laws, fitted to the cheap runs alone, foretold the dear ones; none where the runs are too few to be divided.</summary>
    public abstract IReadOnlyList<Hindsight> BackTests { get; }

    /// <summary>Why something is not foretold from these runs.</summary>
    public virtual IReadOnlyList<string> Doubts => [];

    /// <summary>What shapes came to that were trained so already.</summary>
    public virtual IReadOnlyList<Proposal> Measured(Trial trial) => [];

    /// <summary>Held-out loss, nats a token; null where the runs say nothing of it.</summary>
    public abstract Foretold? Loss(Candidate candidate);

    /// <summary>Quality on tasks; null where the runs say nothing of it.</summary>
    public abstract Foretold? Quality(Candidate candidate);

    /// <summary>The share of the interval of the target's loss that is left once the extra run has been measured.</summary>
    public abstract double Narrowed(Candidate target, Candidate extra);
}

/// <summary>One quantity of runs that were made, foretold by cheaper ones.</summary>
/// <param name="Fitted">Points that were fitted.</param>
public sealed record Hindsight(string Quantity, string Cut, int Fitted, IReadOnlyList<Tested> Tests)
{
    /// <summary>In logarithms, also for scores: relative gaps are what the two have in common.</summary>
    public BackTestFigures Figures { get; } = BackTestFigures.Of(Tests, (foretold, seen) => Math.Log(foretold / seen));

    /// <summary>Null where a score is nothing, of which there are no relative gaps.</summary>
    public static Hindsight? Of(string quantity, string cut, int fitted, IReadOnlyList<Tested> tests) =>
        tests.Count == 0 || tests.Any(test => test.Observed.Y <= 0 || test.Foretold.Value <= 0) ? null : new(quantity, cut, fitted, tests);
}
