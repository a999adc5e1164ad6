namespace Allometry.Analysis.Similarity;

/// <summary>The features of one layer, in blocks of examples, so that not all need be at hand.</summary>
public abstract class Layer(string name, int width)
{
    public string Name => name;

    public int Width => width;

    public abstract long Count { get; }

    /// <summary>All rows in order, so many at a time, one behind the other.</summary>
    public abstract IEnumerable<double[]> Blocks(int examples);

    /// <summary>Everything at once.</summary>
    public Features Read() => new(checked((int)Count), Width, [.. Blocks((int)Count).SelectMany(block => block)]);
}

/// <summary>A layer whose features are at hand.</summary>
public sealed class KnownLayer(string name, Features features) : Layer(name, features.Width)
{
    public override long Count => features.Count;

    public override IEnumerable<double[]> Blocks(int examples)
    {
        for (var first = 0; first < features.Count; first += examples) yield return features.Rows(first, Math.Min(examples, features.Count - first)).ToArray();
    }
}
