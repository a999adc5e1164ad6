using System.ComponentModel;

namespace Allometry.Analysis.Similarity;

/// <summary>What of a text's states [length, width] stands for it.</summary>
public enum Pooling
{
    /// <summary>The mean over its real tokens.</summary>
    [Description("The mean over its real tokens.")]
    Mean,

    /// <summary>Its first real token.</summary>
    [Description("Its first real token.")]
    First,

    /// <summary>Its last real token.</summary>
    [Description("Its last real token.")]
    Last,

    /// <summary>Every real token is an example by itself.</summary>
    [Description("Every real token is an example by itself.")]
    Tokens,
}

/// <summary>Pooling of one text.</summary>
public static class Pooled
{
    /// <summary>Rows [length, width] of which some are real -> one row, or as many as are real. A text without a real token has a row of zeros (no rows for tokens).</summary>
    public static double[] Of(Pooling pooling, ReadOnlySpan<double> states, ReadOnlySpan<bool> real, int width)
    {
        var pooled = new double[width];
        var tokens = 0;
        List<double> all = [];
        for (var i = 0; i < real.Length; i++)
        {
            if (!real[i]) continue;
            var row = states.Slice(i * width, width);
            if (pooling == Pooling.Tokens) all.AddRange(row);
            else if (pooling == Pooling.Mean) for (var k = 0; k < width; k++) pooled[k] += row[k];
            else if (pooling == Pooling.Last || tokens == 0) row.CopyTo(pooled);
            tokens++;
        }
        if (pooling == Pooling.Tokens) return [.. all];
        if (pooling == Pooling.Mean && tokens > 0) for (var k = 0; k < width; k++) pooled[k] /= tokens;
        return pooled;
    }
}
