using Allometry.Training;

namespace Allometry.Tests.Training;

/// <summary>
/// Adafactor written down a second time, element by element in double precision (Mesh TensorFlow, optimize.py; scale-efficiently.md, section 6).
/// A mean over a dimension is kept at every element that it is the mean of, so that nothing needs to be broadcast.
/// </summary>
internal sealed class PlainAdafactor(long[] shape, Adafactor options)
{
    private readonly int size = (int)shape.Aggregate(1L, (product, length) => product * length);
    private double[]? first, second, mean;
    private int step;

    public double[] Step(double[] weights, double[] gradient, double learningRate)
    {
        var decay = 1 - Math.Pow(++step, -0.8);
        var squares = gradient.Select(g => g * g + 1e-30).ToArray();
        double[] update;
        if (Dimensions() is var (largest, other))
        {
            first = Mixed(first, MeanOver(squares, largest), decay);
            second = Mixed(second, MeanOver(squares, other), decay);
            var whole = MeanOver(first, other);
            update = [.. Enumerable.Range(0, size).Select(i => gradient[i] / Math.Sqrt(first[i] / whole[i]) / Math.Sqrt(second[i]))];
        }
        else
        {
            first = Mixed(first, squares, decay);
            update = [.. Enumerable.Range(0, size).Select(i => gradient[i] / Math.Sqrt(first[i]))];
        }
        var rate = learningRate / Math.Max(1, Size(update)) * (options.ScaleByParameter ? Math.Max(1e-3, Size(weights)) : 1);
        mean = Mixed(mean, [.. update.Select(value => rate * value)], options.Momentum);
        return [.. weights.Zip(mean, (weight, change) => weight - change)];
    }

    /// <summary>The largest and the second largest dimension, of equal ones the first; none where the second is small.</summary>
    private (int Largest, int Other)? Dimensions()
    {
        if (shape.Length < 2) return null;
        var largest = Array.IndexOf(shape, shape.Max());
        var rest = shape.Select((length, i) => i == largest ? 0 : length).ToArray();
        return rest.Max() >= options.FactoredFrom ? (largest, Array.IndexOf(rest, rest.Max())) : null;
    }

    private double[] MeanOver(double[] values, int dimension)
    {
        var stride = (int)shape[(dimension + 1)..].Aggregate(1L, (product, length) => product * length);
        var length = (int)shape[dimension];
        return [.. Enumerable.Range(0, size).Select(i => i - (i / stride % length * stride)).Select(start => Enumerable.Range(0, length).Average(k => values[start + (k * stride)]))];
    }

    private double[] Mixed(double[]? old, double[] now, double decay) => [.. Enumerable.Range(0, size).Select(i => (decay * (old?[i] ?? 0)) + ((1 - decay) * now[i]))];

    private static double Size(double[] values) => Math.Sqrt(values.Average(value => value * value));
}
