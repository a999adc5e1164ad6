using System.Globalization;
using Allometry.Kinds;

namespace Allometry.Training;

/// <summary>The loss or its gradient is no longer a finite number. The step that found it has changed nothing.</summary>
public sealed class LossDivergedException(long step, double loss, double gradientNorm) : RunFailedException(
    string.Create(CultureInfo.InvariantCulture, $"step {step}"),
    string.Create(CultureInfo.InvariantCulture, $"training diverged: loss {loss}, gradient norm {gradientNorm}"),
    "lower the learning rate, lengthen the warm-up or clip gradients");
