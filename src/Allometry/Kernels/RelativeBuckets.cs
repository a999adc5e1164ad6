namespace Allometry.Kernels;

/// <summary>T5's buckets of relative positions (Mesh TensorFlow, transformer_layers.py, _relative_position_bucket).</summary>
public static class RelativeBuckets
{
    /// <summary>The bucket of each distance (key position minus query position).</summary>
    /// <remarks>The logarithm is taken in float32, as the reference does: in double some boundaries fall into another bucket.</remarks>
    public static long[] Of(IEnumerable<long> distances, int buckets, int maxDistance, bool bidirectional) =>
        [.. distances.Select(distance => Of(distance, buckets, maxDistance, bidirectional))];

    private static long Of(long distance, int buckets, int maxDistance, bool bidirectional)
    {
        if (!bidirectional)
            return Of(Math.Max(-distance, 0), buckets, maxDistance);
        var half = buckets / 2;
        return Of(Math.Abs(distance), half, maxDistance) + (distance > 0 ? half : 0);
    }

    private static long Of(long distance, int buckets, int maxDistance)
    {
        var exact = buckets / 2;
        if (distance < exact)
            return distance;
        var share = MathF.Log((float)distance / exact) / MathF.Log((float)maxDistance / exact);
        return Math.Min(exact + (long)(share * (buckets - exact)), buckets - 1);
    }
}
