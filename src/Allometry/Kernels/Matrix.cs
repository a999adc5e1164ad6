using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>A matrix in memory by rows, or the transpose of one; it owns nothing. The default one is absent.</summary>
internal readonly unsafe struct Matrix
{
    private Matrix(float* data, int rows, int columns, int stride, bool flipped)
    {
        Data = data;
        (Rows, Columns, Stride, Flipped) = (rows, columns, stride, flipped);
    }

    /// <summary>So many rows, the next one a stride of floats behind the last.</summary>
    public Matrix(float* data, long rows, long columns, long? stride = null) : this(data, (int)rows, (int)columns, (int)(stride ?? columns), false)
    {
    }

    /// <summary>A tensor as rows of its last dimension; without a tensor absent.</summary>
    /// <param name="rounded">The same in bfloat16, where there is that.</param>
    public static Matrix Of(Tensor? tensor, Tensor? rounded = null)
    {
        if (tensor is null) return default;
        var columns = tensor.size(-1);
        return new(NativeCalls.Floats(tensor), columns == 0 ? 0 : tensor.numel() / columns, columns) { Rounded = rounded is null ? null : NativeCalls.Halves(rounded) };
    }

    public float* Data { get; }

    /// <summary>The same values in bfloat16, in the order in which they lie in memory but without gaps; null: nobody has rounded them yet.</summary>
    public ushort* Rounded { get; init; }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Floats from one row in memory to the next.</summary>
    public int Stride { get; }

    /// <summary>Whether the rows are the columns of what lies in memory.</summary>
    public bool Flipped { get; }

    public bool IsThere => Data != null;

    public long Cells => (long)Rows * Columns;

    /// <summary>A row of one that is not transposed.</summary>
    public float* this[long row] => Data + (row * Stride);

    /// <summary>The same; null where the matrix is absent.</summary>
    public float* At(long row) => IsThere ? this[row] : null;

    public Matrix Transposed => new(Data, Columns, Rows, Stride, !Flipped) { Rounded = Rounded };

    /// <summary>Some columns of one that is not transposed.</summary>
    public Matrix Part(long first, long columns) => new(Data + first, Rows, (int)columns, Stride, false);

    /// <summary>Some rows of one that is not transposed.</summary>
    public Matrix Slice(long first, long rows) => Data == null ? default : new(Data + (first * Stride), (int)rows, Columns, Stride, false) { Rounded = Rounded == null ? null : Rounded + (first * Columns) };
}
