namespace Allometry.Analysis.Similarity;

/// <summary>What a model made of examples: a row of numbers each, in double precision. Two sets that are compared hold the same examples in the same order.</summary>
public sealed class Features
{
    private readonly double[] values; // [example, feature]

    public Features(int count, int width, double[] values)
    {
        if (values.Length != (long)count * width) throw new ArgumentException($"{values.Length} numbers are not {count} rows of {width}.", nameof(values));
        (Count, Width, this.values) = (count, width, values);
    }

    /// <summary>Examples.</summary>
    public int Count { get; }

    /// <summary>Features of each.</summary>
    public int Width { get; }

    public static Features Of(IReadOnlyList<IReadOnlyList<double>> rows) => new(rows.Count, rows.Count == 0 ? 0 : rows[0].Count, [.. rows.SelectMany(row => row)]);

    public ReadOnlySpan<double> Row(int example) => Rows(example, 1);

    /// <summary>Neighbouring rows, one behind the other.</summary>
    public ReadOnlySpan<double> Rows(int first, int count) => values.AsSpan(first * Width, count * Width);

    /// <summary>The rows with these numbers, which may repeat.</summary>
    public Features Choose(IReadOnlyList<int> rows)
    {
        var chosen = new double[rows.Count * Width];
        for (var i = 0; i < rows.Count; i++) Row(rows[i]).CopyTo(chosen.AsSpan(i * Width));
        return new(rows.Count, Width, chosen);
    }
}
