using Allometry.Analysis;

namespace Allometry.Reports;

/// <summary>A part of a study's report. Every sealed record below it, of every known assembly, is found and asked: a stage whose numbers want to be shown brings its own.</summary>
public abstract record StudySection
{
    /// <summary>Why losses are missing where else they would be.</summary>
    protected const string NoLosses = "Held-out losses are not set against each other here: shapes were pre-trained on different objectives, each of which has a loss of its own.";

    /// <summary>Where it stands; sections of one place stand in the order of their names.</summary>
    public abstract Place Place { get; }

    /// <summary>Why the answer is doubtful, as far as this section knows, in sentences: the answer itself says it.</summary>
    public virtual IEnumerable<string> Doubts(Findings findings) => [];

    /// <summary>Null where the study has nothing for it.</summary>
    public abstract Section? Of(Findings findings);
}

/// <summary>The order in which a report answers.</summary>
public enum Place
{
    /// <summary>The recommendation.</summary>
    Answer,
    Frontier,
    SpeedUp,

    /// <summary>What each size bought.</summary>
    Knobs,

    /// <summary>Upstream against downstream.</summary>
    Downstream,

    /// <summary>What single stages have found.</summary>
    Stages,
    Laws,
    Cost,

    /// <summary>How to reproduce it.</summary>
    Provenance,
}
