namespace Allometry.Analysis.Laws;

/// <summary>
/// The whole loss curve of a model of N parameters at a batch of B tokens, foretold: L = (Nc/N)^alphaN + [(Sc/S)(1 + Bcrit(L)/B)]^alphaS
/// (Kaplan et al. 2020, section 5; Su et al. 2024). L stands on both sides; the right side falls with it, so there is one root.
/// </summary>
public sealed record LossCurve(double Nc, double AlphaN, double Sc, double AlphaS, CriticalBatchSize Critical)
{
    private const int Halvings = 200;

    /// <summary>What a model of that size tends to.</summary>
    public double Least(double parameters) => Math.Pow(Nc / parameters, AlphaN);

    /// <summary>Nats per token after so many steps of so many tokens.</summary>
    public double Loss(double parameters, double steps, double batch)
    {
        var low = Least(parameters);
        var high = low + 1;
        while (Right(high) > high) high += high;
        for (var i = 0; i < Halvings && low < high; i++)
        {
            var middle = (low + high) / 2;
            if (middle <= low || middle >= high) break;
            if (Right(middle) > middle) low = middle;
            else high = middle;
        }
        return (low + high) / 2;

        double Right(double loss) => Least(parameters) + Math.Pow(Sc / Critical.LeastSteps(steps, batch, loss), AlphaS);
    }

    /// <summary>Steps until a loss at a batch of so many tokens; infinite where the model never gets there.</summary>
    public double Steps(double parameters, double loss, double batch) => loss <= Least(parameters)
        ? double.PositiveInfinity
        : LeastSteps(parameters, loss) * (1 + Critical.At(loss) / batch);

    public double LeastSteps(double parameters, double loss) => Sc / Math.Pow(loss - Least(parameters), 1 / AlphaS);
}
