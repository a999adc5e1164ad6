using System.Runtime.InteropServices;
using Allometry.Kernels;

namespace Allometry.Tests.Kernels;

/// <summary>A matrix of random numbers with a gap behind each row.</summary>
internal sealed unsafe class Grid : IDisposable
{
    private const float Gap = 12345;
    private readonly float* memory;
    private readonly int stride;

    public Grid(int rows, int columns, int gap, int seed)
    {
        (Rows, Columns, stride) = (rows, columns, columns + gap);
        memory = (float*)NativeMemory.AlignedAlloc((nuint)(rows * stride * sizeof(float)), 64);
        new Span<float>(memory, rows * stride).Fill(Gap);
        var random = new Random(seed);
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                memory[(row * stride) + column] = (2 * random.NextSingle()) - 1;
    }

    public int Rows { get; }

    public int Columns { get; }

    public Matrix Matrix => new(memory, Rows, Columns, stride);

    public bool GapsAreUntouched => Enumerable.Range(0, Rows).All(row => !new Span<float>(memory + (row * stride) + Columns, stride - Columns).ContainsAnyExcept(Gap));

    public float this[int row, int column]
    {
        get => memory[(row * stride) + column];
        set => memory[(row * stride) + column] = value;
    }

    public double[,] Values(bool transposed)
    {
        var values = new double[transposed ? Columns : Rows, transposed ? Rows : Columns];
        for (var row = 0; row < Rows; row++)
            for (var column = 0; column < Columns; column++)
                values[transposed ? column : row, transposed ? row : column] = this[row, column];
        return values;
    }

    public void Fill(float value)
    {
        for (var row = 0; row < Rows; row++) new Span<float>(memory + (row * stride), Columns).Fill(value);
    }

    public void Dispose() => NativeMemory.AlignedFree(memory);
}
