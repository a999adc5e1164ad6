using System.Globalization;
using Allometry.Kinds;

namespace Allometry.Training;

/// <summary>The loss or its gradient is no longer a finite number. The step that found it has changed nothing.</summary>
public sealed class LossDivergedException(long step, string what) : RunFailedException(
    string.Create(CultureInfo.InvariantCulture, $"step {step}"), $"training diverged: {what}", "lower the learning rate, lengthen the warm-up or clip gradients")
{
    public LossDivergedException(long step, double loss, double gradientNorm)
        : this(step, string.Create(CultureInfo.InvariantCulture, $"loss {loss}, gradient norm {gradientNorm}")) { }
}
