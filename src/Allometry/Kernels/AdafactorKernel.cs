using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>
/// One parameter with its gradient and what Adafactor remembers of it: the mean squares of its rows and of its columns, or, where <paramref name="Columns"/> is null, of each element in
/// <paramref name="Rows"/>. The running mean of updates is null without momentum.
/// </summary>
internal sealed record AdafactorPiece(Tensor Parameter, Tensor Gradient, Tensor Rows, Tensor? Columns, bool ColumnsAreRelative, Tensor? Mean);

/// <summary>Adafactor's step for all parameters: three passes over each gradient, two over each parameter, none with a temporary of its size.</summary>
internal readonly unsafe struct AdafactorKernel
{
    /// <summary>What gradients are multiplied by first.</summary>
    public required float Scale { get; init; }

    /// <summary>Share of the new square in the mean squares.</summary>
    public required float Towards { get; init; }

    /// <summary>Added to each square.</summary>
    public required float Floor { get; init; }

    /// <summary>What is kept of the running mean of updates.</summary>
    public required float Momentum { get; init; }

    /// <summary>From the root mean squares of a parameter and of its update: what the update is multiplied by, negative.</summary>
    public required Func<double, double, double> Amount { get; init; }

    public void Step(IReadOnlyList<AdafactorPiece> pieces)
    {
        var kernel = this;
        using var frame = Scratch.Open();
        var work = new AdafactorWork[pieces.Count];
        for (var i = 0; i < work.Length; i++) work[i] = AdafactorWork.Of(pieces[i], frame);
        // Each thread has its share of the rows of every parameter, so that sums have one order for one number of threads.
        Team.Run((thread, threads) =>
        {
            foreach (var one in work) kernel.Gather(one, thread, threads);
        });
        Team.Run((thread, threads) =>
        {
            for (var i = thread; i < work.Length; i += threads) kernel.Settle(work[i], threads);
        });
        Team.Run((thread, threads) =>
        {
            foreach (var one in work) kernel.Size(one, thread, threads);
        });
        var amounts = Array.ConvertAll(work, one => (float)kernel.Amount(AdafactorWork.RootMeanSquare(one.Squares, one.Count), AdafactorWork.RootMeanSquare(one.Updates, one.Count)));
        Team.Run((thread, threads) =>
        {
            for (var i = 0; i < work.Length; i++) kernel.Apply(work[i], amounts[i], thread, threads);
        });
    }

    /// <summary>The rows' mean squares, the columns' sums of this thread's rows, and the parameter's sum of squares.</summary>
    private void Gather(AdafactorWork work, int thread, int threads)
    {
        var (first, end) = work.Share(thread, threads);
        if (work.ColumnSums is null) GatherElements(work, first, end);
        else GatherRows(work, work.ColumnSums.Value[thread], first, end);
        if (end > first) work.Squares[thread * AdafactorWork.Line] = Norms.SumOfSquares(work.Parameter + work.At(first), work.At(end) - work.At(first));
    }

    private void GatherRows(AdafactorWork work, float* sums, long first, long end)
    {
        new Span<float>(sums, work.Columns).Clear();
        for (var row = first; row < end; row++)
        {
            var g = work.Gradient + work.At(row);
            var sum = Vector512<float>.Zero;
            for (var i = 0; i < work.Columns; i += Lanes.Count)
            {
                var (square, left) = (Square(g + i, work.Columns - i), work.Columns - i);
                Lanes.Store(Lanes.Load(sums + i, left) + square, sums + i, left);
                sum += left >= Lanes.Count ? square : Lanes.First(square, left);
            }
            work.RowMoments[row] = Blend(work.RowMoments[row], Vector512.Sum(sum) / work.Columns);
        }
    }

    private void GatherElements(AdafactorWork work, long first, long end)
    {
        for (var i = work.At(first); i < work.At(end); i += Lanes.Count)
        {
            var left = (int)Math.Min(Lanes.Count, work.At(end) - i);
            var old = Lanes.Load(work.RowMoments + i, left);
            var moment = Lanes.MultiplyAdd(Square(work.Gradient + i, left) - old, Lanes.All(Towards), old);
            Lanes.Store(moment, work.RowMoments + i, left);
            Lanes.Store(Vector512<float>.One / Vector512.Sqrt(moment), work.ColumnFactors + i, left);
        }
    }

    /// <summary>The columns' mean squares, and the factors of rows and columns.</summary>
    private void Settle(AdafactorWork work, int threads)
    {
        if (work.ColumnSums is not { } sums) return;
        for (var column = 0; column < work.Columns; column++)
        {
            var sum = 0f;
            for (var thread = 0; thread < threads; thread++) sum += sums[thread][column];
            work.ColumnMoments[column] = Blend(work.ColumnMoments[column], sum / work.Rows);
        }
        Factors(work.RowMoments, work.RowFactors, work.Rows, work.ColumnsAreRelative ? 1 : Mean(work.RowMoments, work.Rows));
        Factors(work.ColumnMoments, work.ColumnFactors, work.Columns, work.ColumnsAreRelative ? Mean(work.ColumnMoments, work.Columns) : 1);
    }

    /// <summary>The sum of squares of this thread's part of the update.</summary>
    private void Size(AdafactorWork work, int thread, int threads)
    {
        var ((first, end), total) = (work.Share(thread, threads), 0.0);
        for (var row = first; row < end; row++)
        {
            var (at, sum, rowFactor) = (work.At(row), Vector512<float>.Zero, Lanes.All(work.RowFactor(row)));
            var factors = work.FactorsOf(row);
            var columns = (int)(work.At(row + 1) - at);
            for (var i = 0; i < columns; i += Lanes.Count)
            {
                var update = Update(work.Gradient + at + i, factors + i, rowFactor, columns - i);
                sum = Lanes.MultiplyAdd(update, update, sum);
            }
            total += Vector512.Sum(sum);
        }
        work.Updates[thread * AdafactorWork.Line] = total;
    }

    private void Apply(AdafactorWork work, float amount, int thread, int threads)
    {
        var (first, end) = work.Share(thread, threads);
        var factor = Lanes.All(work.Mean == null ? amount : amount * (1 - Momentum));
        for (var row = first; row < end; row++)
        {
            var (at, rowFactor) = (work.At(row), Lanes.All(work.RowFactor(row)));
            var factors = work.FactorsOf(row);
            var columns = (int)(work.At(row + 1) - at);
            for (var i = 0; i < columns; i += Lanes.Count)
            {
                var left = columns - i;
                var parameter = work.Parameter + at + i;
                var change = Update(work.Gradient + at + i, factors + i, rowFactor, left) * factor;
                if (work.Mean != null)
                {
                    change = Lanes.MultiplyAdd(Lanes.Load(work.Mean + at + i, left), Lanes.All(Momentum), change);
                    Lanes.Store(change, work.Mean + at + i, left);
                }
                Lanes.Store(Lanes.Load(parameter, left) + change, parameter, left);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Square(float* gradient, int left)
    {
        var g = Lanes.Load(gradient, left) * Lanes.All(Scale);
        return Lanes.MultiplyAdd(g, g, Lanes.All(Floor));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Update(float* gradient, float* factors, Vector512<float> rowFactor, int left) =>
        Lanes.Load(gradient, left) * Lanes.All(Scale) * rowFactor * Lanes.Load(factors, left);

    private float Blend(float old, float now) => old + (Towards * (now - old));

    private static float Mean(float* x, long count)
    {
        var sum = 0.0;
        for (var i = 0L; i < count; i++) sum += x[i];
        return (float)(sum / count);
    }

    /// <summary>1 / sqrt(moment / mean)</summary>
    private static void Factors(float* moments, float* factors, long count, float mean)
    {
        for (var i = 0L; i < count; i += Lanes.Count)
        {
            var left = (int)Math.Min(Lanes.Count, count - i);
            Lanes.Store(Vector512<float>.One / Vector512.Sqrt(Lanes.Load(moments + i, left, 1) / Lanes.All(mean)), factors + i, left);
        }
    }
}
