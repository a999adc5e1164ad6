namespace Allometry.Training;

/// <summary>
/// The learning rate's course: a factor of the recipe's <c>learning-rate</c>, which is the highest rate of the run. Wherever a schedule asks for a part of the run,
/// a number of 1 or more is steps and one below is a share of the run.
/// </summary>
public abstract record Schedule
{
    /// <summary>The factor, 0 to 1, of step <paramref name="step"/> (from 0) of <paramref name="steps"/>.</summary>
    public abstract double At(long step, long steps);

    /// <summary>How many first steps of a run of this length have the rates that a run of any length has there, so that runs of several lengths can share them; 0 where the whole course depends on the length.</summary>
    public virtual long Shared(long steps) => 0;

    /// <summary>A part of the run in steps: as given, or as a share of it.</summary>
    protected static double Part(double part, long steps) => part < 1 ? part * steps : part;

    /// <summary>Whether a part is the same number of steps in a run of any length.</summary>
    protected static bool IsInSteps(double part) => part is 0 or >= 1;

    /// <summary>Rises in equal steps to 1, which is reached in the last step of the warm-up.</summary>
    protected static double Rise(long step, double warmup) => Math.Min(1, (step + 1) / Math.Max(1, warmup));
}
