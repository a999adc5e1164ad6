namespace Allometry.Training;

/// <summary>
/// The learning rate's course: a factor of the recipe's <c>learning-rate</c>, which is the highest rate of the run. Wherever a schedule asks for a part of the run,
/// a number of 1 or more is steps and one below is a share of the run.
/// </summary>
public abstract record Schedule
{
    /// <summary>The factor, 0 to 1, of step <paramref name="step"/> (from 0) of <paramref name="steps"/>.</summary>
    public abstract double At(long step, long steps);

    /// <summary>A part of the run in steps: as given, or as a share of it.</summary>
    protected static double Part(double part, long steps) => part < 1 ? part * steps : part;

    /// <summary>Rises in equal steps to 1, which is reached in the last step of the warm-up.</summary>
    protected static double Rise(long step, double warmup) => Math.Min(1, (step + 1) / Math.Max(1, warmup));
}
