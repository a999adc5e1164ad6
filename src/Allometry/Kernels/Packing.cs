namespace Allometry.Kernels;

/// <summary>Packs several matrices at once, each on one thread of the team.</summary>
internal static unsafe class Packing
{
    public static PackedMatrix[] All(Scratch.Frame frame, params Matrix[] matrices)
    {
        var packed = new PackedMatrix[matrices.Length];
        var memory = new nint[matrices.Length];
        for (var i = 0; i < matrices.Length; i++) memory[i] = (nint)frame.Floats(Blas.PackedFloats(matrices[i]));
        Team.Run((thread, threads) =>
        {
            for (var i = thread; i < matrices.Length; i += threads) packed[i] = Blas.Pack(matrices[i], (float*)memory[i]);
        });
        return packed;
    }

    /// <summary>Packs them on the calling thread.</summary>
    public static PackedMatrix[] Here(Scratch.Frame frame, params Matrix[] matrices)
    {
        var packed = new PackedMatrix[matrices.Length];
        for (var i = 0; i < matrices.Length; i++) packed[i] = Blas.Pack(matrices[i], frame.Floats(Blas.PackedFloats(matrices[i])));
        return packed;
    }
}
