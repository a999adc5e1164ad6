namespace Allometry.Kernels;

/// <summary>A piece's addresses, and room for what its passes hand on.</summary>
internal sealed unsafe class AdafactorWork
{
    // Where the moments are not factored, so many elements are treated as a row.
    private const int Stretch = 1024;

    /// <summary>Doubles of a cache line: each thread's sums lie on one of their own.</summary>
    public const int Line = 8;

    public required float* Parameter { get; init; }

    public required float* Gradient { get; init; }

    public required float* RowMoments { get; init; }

    public required float* ColumnMoments { get; init; }

    public required float* RowFactors { get; init; }

    /// <summary>Of the columns, or of all elements where the moments are not factored.</summary>
    public required float* ColumnFactors { get; init; }

    public required float* Mean { get; init; }

    public required long Count { get; init; }

    public required long Rows { get; init; }

    public required int Columns { get; init; }

    public required bool ColumnsAreRelative { get; init; }

    /// <summary>[thread, column]; null where the moments are not factored.</summary>
    public required Matrix? ColumnSums { get; init; }

    public required double[] Squares { get; init; }

    public required double[] Updates { get; init; }

    public static AdafactorWork Of(AdafactorPiece piece, Scratch.Frame frame)
    {
        var (count, columns) = (piece.Parameter.numel(), (int)(piece.Columns?.numel() ?? Stretch));
        var rows = (count + columns - 1) / columns;
        return new()
        {
            Parameter = NativeCalls.Floats(piece.Parameter),
            Gradient = NativeCalls.Floats(piece.Gradient),
            RowMoments = NativeCalls.Floats(piece.Rows),
            ColumnMoments = piece.Columns is null ? null : NativeCalls.Floats(piece.Columns),
            RowFactors = piece.Columns is null ? null : frame.Floats(rows),
            ColumnFactors = frame.Floats(piece.Columns is null ? count : columns),
            Mean = piece.Mean is null ? null : NativeCalls.Floats(piece.Mean),
            Count = count,
            Rows = rows,
            Columns = columns,
            ColumnsAreRelative = piece.ColumnsAreRelative,
            ColumnSums = piece.Columns is null ? null : frame.Matrix(Team.Size, columns),
            Squares = new double[Team.Size * Line],
            Updates = new double[Team.Size * Line],
        };
    }

    public static double RootMeanSquare(double[] sums, long count) => Math.Sqrt(sums.Sum() / count);

    public (long First, long End) Share(int thread, int threads) => (Rows * thread / threads, Rows * (thread + 1) / threads);

    /// <summary>Where a row begins.</summary>
    public long At(long row) => Math.Min(Count, row * Columns);

    public float RowFactor(long row) => RowFactors == null ? 1 : RowFactors[row];

    public float* FactorsOf(long row) => RowFactors == null ? ColumnFactors + At(row) : ColumnFactors;
}
