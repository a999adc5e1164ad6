using Allometry.Analysis.Laws;

namespace Allometry.Papers.ScaleEfficiently;

/// <summary>What is known of how shapes will do, from runs that were made.</summary>
public abstract record Outlook
{
    /// <summary>Whose runs, in words.</summary>
    public abstract string Basis { get; }

    /// <summary>Unit and meaning of <see cref="Quality"/>.</summary>
    public abstract string QualityWords { get; }

    /// <summary>Held-out loss, nats a token.</summary>
    public abstract Foretold Loss(Candidate candidate);

    /// <summary>Quality on tasks; null where the runs say nothing of it.</summary>
    public abstract Foretold? Quality(Candidate candidate);

    /// <summary>The share of the interval of the target's loss that is left once the extra run has been measured.</summary>
    public abstract double Narrowed(Candidate target, Candidate extra);
}
