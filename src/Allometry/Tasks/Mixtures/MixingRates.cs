namespace Allometry.Tasks.Mixtures;

/// <summary>How often the tasks of a mixture are drawn: a task's share is its rate over the sum of all rates.</summary>
public abstract record MixingRates
{
    /// <summary>The rate of a task with so many examples to learn from, at least one; 0 or more.</summary>
    public abstract double Of(TextTask task, int examples);

    /// <summary>What does not fit a mixture.</summary>
    public virtual IEnumerable<(string What, string Mend)> Check(Mixture mixture) => [];
}
