namespace Allometry.Kernels;

/// <summary>Packs several matrices at once, each on one thread of the team.</summary>
internal static unsafe class Packing
{
    public static PackedMatrix[] All(Scratch.Frame frame, params Matrix[] matrices)
    {
        var packed = new PackedMatrix[matrices.Length];
        var memory = new nint[matrices.Length];
        for (var i = 0; i < matrices.Length; i++) memory[i] = (nint)frame.Floats(Blas.PackedFloats(matrices[i].Rows, matrices[i].Columns));
        Team.Run((thread, threads) =>
        {
            for (var i = thread; i < matrices.Length; i += threads) packed[i] = Blas.Pack(matrices[i], (float*)memory[i]);
        });
        return packed;
    }
}
