namespace Allometry.Kernels;

/// <summary>Matrix products by MKL: on the whole team outside a region of <see cref="Team"/>, on the calling thread inside.</summary>
internal static unsafe class Blas
{
    // mkl_cblas.h
    private const int RowMajor = 101, AsIs = 111, Flip = 112, Packed = 151, RightOperand = 162;

    /// <summary>c = a b + keep c; c is not transposed. With keep 0 it need not be initialised.</summary>
    public static void Multiply(Matrix a, Matrix b, Matrix c, float keep = 0)
    {
        if (c.Rows == 0 || c.Columns == 0) return;
        if (Products.Precision == Precision.Bfloat16)
        {
            Bfloat16.Multiply(a, b, c, keep);
            return;
        }
        // By columns the same memory holds the transposes, and c' = b' a'.
        var (flipB, flipA) = (b.Flipped ? (byte)'T' : (byte)'N', a.Flipped ? (byte)'T' : (byte)'N');
        var (m, n, k, lda, ldb, ldc, one) = (c.Columns, c.Rows, a.Columns, b.Stride, a.Stride, c.Stride, 1f);
        NativeCalls.Sgemm(&flipB, &flipA, &m, &n, &k, &one, b.Data, &lda, a.Data, &ldb, &keep, c.Data, &ldc);
    }

    /// <summary>c = a b + keep c with b in MKL's own order; a and c are not transposed.</summary>
    public static void Multiply(Matrix a, PackedMatrix b, Matrix c, float keep = 0)
    {
        if (b.IsRounded) Bfloat16.Multiply(a, b.Rounded, c, keep);
        else NativeCalls.Compute(RowMajor, AsIs, Packed, c.Rows, b.Columns, b.Rows, a.Data, a.Stride, b.Data, b.Columns, keep, c.Data, c.Stride);
    }

    /// <summary>Floats of memory that a right operand takes when packed.</summary>
    public static long PackedFloats(Matrix b) => Products.Precision == Precision.Bfloat16
        ? b.Rounded == null ? Bfloat16.Floats(b.Cells) : 0
        : ((long)NativeCalls.PackSize(RightOperand, Typical, b.Columns, b.Rows) / sizeof(float)) + 16;

    public static PackedMatrix Pack(Matrix b, float* memory)
    {
        if (Products.Precision == Precision.Bfloat16)
        {
            if (b.Rounded == null) Bfloat16.Round(b, (ushort*)memory);
            return new(b.Rounded == null ? memory : (float*)b.Rounded, b.Rows, b.Columns) { IsRounded = true, Flipped = b.Flipped };
        }
        NativeCalls.Pack(RowMajor, RightOperand, b.Flipped ? Flip : AsIs, Typical, b.Columns, b.Rows, 1, b.Data, b.Stride, memory);
        return new(memory, b.Rows, b.Columns);
    }

    // Rows of the left operand that packing may expect; any number can then be multiplied.
    private const int Typical = 64;
}

/// <summary>A right operand that is multiplied by many blocks of rows: packed once into MKL's own order, or rounded once to bfloat16.</summary>
internal readonly unsafe record struct PackedMatrix(nint Address, int Rows, int Columns)
{
    public PackedMatrix(float* data, int rows, int columns) : this((nint)data, rows, columns)
    {
    }

    public float* Data => (float*)Address;

    /// <summary>Whether it is in bfloat16.</summary>
    public bool IsRounded { get; init; }

    /// <summary>Whether, in bfloat16, it lies in memory as its transpose.</summary>
    public bool Flipped { get; init; }

    /// <summary>In bfloat16 alone.</summary>
    public Matrix Rounded => Flipped ? (new Matrix(null, Columns, Rows) { Rounded = (ushort*)Address }).Transposed : new(null, Rows, Columns) { Rounded = (ushort*)Address };
}
