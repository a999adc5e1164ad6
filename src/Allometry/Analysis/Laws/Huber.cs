namespace Allometry.Analysis.Laws;

/// <summary>Huber's loss (1964): square near zero, straight beyond <paramref name="Delta"/>, so that one bad run does not bend a law.</summary>
public readonly record struct Huber(double Delta)
{
    /// <summary>Hoffmann et al. 2022, section 3.3, on the logarithm of the loss.</summary>
    public const double Chinchilla = 1e-3;

    public double Value(double residual)
    {
        var size = Math.Abs(residual);
        return size <= Delta ? residual * residual / 2 : Delta * (size - Delta / 2);
    }

    public double Derivative(double residual) => Math.Clamp(residual, -Delta, Delta);
}
