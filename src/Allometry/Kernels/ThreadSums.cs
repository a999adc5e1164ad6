namespace Allometry.Kernels;

/// <summary>
/// Sums that each thread gathers over many rows, for gradients of vectors: block by block, and the blocks' sums in their order. One running sum over thousands of rows would round
/// ten times worse than the library does.
/// </summary>
internal readonly unsafe struct ThreadSums
{
    private readonly Matrix sums, blocks;

    public ThreadSums(Scratch.Frame frame, long count)
    {
        (sums, blocks) = (frame.Matrix(Team.Size, count), frame.Matrix(Team.Size, count));
        Rows.Clear(sums);
    }

    /// <summary>Zeros, to which a block of rows is added.</summary>
    public float* Begin(int thread)
    {
        new Span<float>(blocks[thread], blocks.Columns).Clear();
        return blocks[thread];
    }

    /// <summary>Adds the block to what the thread has.</summary>
    public void End(int thread) => Rows.Add(sums[thread], blocks[thread], sums[thread], sums.Columns);

    /// <summary>Some of the sums, by thread.</summary>
    public Matrix Part(long first, long count) => sums.Part(first, count);
}
