namespace Allometry.Experiments;

/// <summary>Passes a share that is done on at once, on the thread that reports it.</summary>
internal sealed class Telling(Action<double> tell) : IProgress<double>
{
    public void Report(double value) => tell(value);
}
