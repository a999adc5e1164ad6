using System.Runtime.Intrinsics;

namespace Allometry.Kernels;

/// <summary>What flows through attention, or the gradients of it: [row, head * head width] each, keys and values of the memory's rows.</summary>
internal readonly record struct AttentionFlow(Matrix Query, Matrix Key, Matrix Value, Matrix Output)
{
    /// <summary>Room of the same sizes; what is absent stays so.</summary>
    public AttentionFlow Like(Scratch.Frame frame) => new(Like(Query, frame), Like(Key, frame), Like(Value, frame), Like(Output, frame));

    private static Matrix Like(Matrix matrix, Scratch.Frame frame) => matrix.IsThere ? frame.Matrix(matrix.Rows, matrix.Columns) : default;
}

/// <summary>
/// Attention of every head of every sequence, from projected queries, keys and values [row, head * head width]. Scores exist only as blocks of a few queries in the cache;
/// the backward pass computes them again from two numbers a query, which costs one product of six and saves batch x heads x queries x keys floats.
/// </summary>
internal readonly unsafe struct AttentionCore
{
    private const int CacheFloats = 64 * 1024, Most = 128, Least = 16;

    public required int Batch { get; init; }

    public required int Heads { get; init; }

    public required int Queries { get; init; }

    public required int Keys { get; init; }

    public required int HeadWidth { get; init; }

    public required bool Causal { get; init; }

    public required long Prefix { get; init; }

    /// <summary>Bias by head and distance, [heads, queries + keys - 1]: the last query's key 0 first. Null: none.</summary>
    public required float* Line { get; init; }

    /// <summary>0 or the hidden score, [batch, keys]. Null: all keys are real.</summary>
    public required float* Unseen { get; init; }

    /// <summary>The first real key of each sequence. Null: all keys are real.</summary>
    public required int* FirstReal { get; init; }

    /// <summary>A zero for each key.</summary>
    public required float* Zeros { get; init; }

    /// <summary>Dropout of the weights, [batch * heads, 1, keys]. Null: none.</summary>
    public required float* Mask { get; init; }

    private int Inner => Heads * HeadWidth;

    private int LineLength => Queries + Keys - 1;

    private int Block => Math.Min(Queries, Math.Clamp(CacheFloats / Keys / Least * Least, Least, Most));

    /// <summary>A row of scores with zeros behind it, so that each begins on a cache line and the reading of diagonals may go past both of its ends.</summary>
    private int Stride => ((Keys + Lanes.Count - 1) / Lanes.Count * Lanes.Count) + Lanes.Count;

    /// <summary>Floats of scratch that each thread needs.</summary>
    public long Space => Lanes.Count + (2L * Block * Stride);

    /// <summary>Fills the output [row, inner] and two numbers for each query of each head.</summary>
    public void Forward(AttentionFlow flow, float* statistics, float* space)
    {
        var core = this;
        Team.Share((long)Batch * Heads, (thread, first, end) =>
        {
            for (var task = first; task < end; task++)
                for (var begin = 0; begin < core.Queries; begin += core.Block)
                    core.ForwardBlock(task, begin, flow, statistics, space + (thread * core.Space));
        });
    }

    /// <summary>From the output's gradient: those of queries, keys and values; the line's is added to each thread's own copy.</summary>
    public void Backward(AttentionFlow flow, AttentionFlow gradients, float* statistics, float* dLine, float* space)
    {
        var core = this;
        Team.Share((long)Batch * Heads, (thread, first, end) =>
        {
            var line = dLine == null ? null : dLine + (thread * core.Heads * core.LineLength);
            for (var task = first; task < end; task++)
                for (var begin = 0; begin < core.Queries; begin += core.Block)
                    core.BackwardBlock(task, begin, flow, gradients, statistics, line, space + (thread * core.Space));
        });
    }

    private void ForwardBlock(long task, int begin, AttentionFlow flow, float* statistics, float* space)
    {
        var rows = Math.Min(Block, Queries - begin);
        var scores = new Matrix(space, rows, Keys, Stride);
        Blas.Multiply(OfQueries(flow.Query, task, begin, rows), OfKeys(flow.Key, task).Transposed, scores);
        for (var i = 0; i < rows; i++)
        {
            var at = statistics + (2 * ((task * Queries) + begin + i));
            (at[0], at[1]) = AttentionRows.Exponentials(scores.Data + ((long)i * Stride), Row(task, begin + i));
        }
        var result = OfQueries(flow.Output, task, begin, rows);
        Blas.Multiply(scores, OfKeys(flow.Value, task), result);
        for (var i = 0; i < rows; i++) Scale(result.Data + ((long)i * result.Stride), statistics[(2 * ((task * Queries) + begin + i)) + 1]);
    }

    private void BackwardBlock(long task, int begin, AttentionFlow flow, AttentionFlow d, float* statistics, float* dLine, float* space)
    {
        var (rows, blind) = (Math.Min(Block, Queries - begin), false);
        var (scores, gradients) = (new Matrix(space, rows, Keys, Stride), new Matrix(space + ((long)rows * Stride) + Lanes.Count, rows, Keys, Stride));
        var (queries, dOutput) = (OfQueries(flow.Query, task, begin, rows), OfQueries(d.Output, task, begin, rows));
        Blas.Multiply(queries, OfKeys(flow.Key, task).Transposed, scores);
        Blas.Multiply(dOutput, OfKeys(flow.Value, task).Transposed, gradients);
        for (var i = 0; i < rows; i++)
        {
            var at = statistics + (2 * ((task * Queries) + begin + i));
            var row = Row(task, begin + i);
            AttentionRows.Differentiate(scores.Data + ((long)i * Stride), gradients.Data + ((long)i * Stride), row, at[0], at[1]);
            blind |= row.Blind;
        }
        if (dLine != null && blind) AddSeeingRows(gradients, task, begin, dLine);
        else if (dLine != null) AddDiagonals(gradients, OfLine(dLine, task, begin));
        var keep = begin == 0 ? 0 : 1;
        Blas.Multiply(gradients, OfKeys(flow.Key, task), OfQueries(d.Query, task, begin, rows));
        Blas.Multiply(gradients.Transposed, queries, OfKeys(d.Key, task), keep);
        Blas.Multiply(scores.Transposed, dOutput, OfKeys(d.Value, task), keep);
    }

    private AttentionRow Row(long task, int query)
    {
        var visible = Causal ? (int)Math.Min(Keys, Math.Max(Prefix, query + 1)) : Keys;
        return new(
            Line == null ? Zeros : OfLine(Line, task, query),
            Unseen == null ? Zeros : Unseen + (task / Heads * Keys),
            Mask == null ? null : Mask + (task * Keys),
            visible, Keys, FirstReal != null && FirstReal[task / Heads] >= visible);
    }

    /// <summary>
    /// Adds the sum of each diagonal (key minus query) of a block to the line, whose element 0 is that of the first query's key 0. Row i read from column i on has its diagonals
    /// one under the other: they are summed in registers and stored once, where adding each row to the line would store every element of the block.
    /// </summary>
    private void AddDiagonals(Matrix block, float* line)
    {
        Clear(block.Data - Lanes.Count, Lanes.Count);
        for (var row = 0; row < block.Rows; row++) Clear(block.Data + (row * Stride) + Keys, Stride - Keys);
        for (var d = 1 - (int)block.Rows; d < Keys; d += Lanes.Count)
        {
            var (first, end) = (Math.Max(0, 1 - d - Lanes.Count), (int)Math.Min(block.Rows, Keys - d));
            var (sum, odd) = (Vector512<float>.Zero, Vector512<float>.Zero);
            var at = block.Data + ((long)first * (Stride + 1)) + d;
            var i = first;
            for (; i < end - 1; i += 2, at += 2 * (Stride + 1)) (sum, odd) = (sum + Vector512.Load(at), odd + Vector512.Load(at + Stride + 1));
            if (i < end) sum += Vector512.Load(at);
            Lanes.Store(Lanes.Load(line + d, Keys - d) + (sum + odd), line + d, Keys - d);
        }
    }

    /// <summary>The same where some queries see no key: their scores have no bias.</summary>
    private void AddSeeingRows(Matrix block, long task, int begin, float* dLine)
    {
        for (var i = 0; i < block.Rows; i++)
        {
            var line = OfLine(dLine, task, begin + i);
            if (!Row(task, begin + i).Blind) Rows.Add(line, block[i], line, Keys);
        }
    }

    private static void Clear(float* x, int count) => new Span<float>(x, count).Clear();

    /// <summary>The place of a query's key 0 in the line of its head.</summary>
    private float* OfLine(float* line, long task, int query) => line == null ? null : line + (task % Heads * LineLength) + (Queries - 1 - query);

    private Matrix OfQueries(Matrix all, long task, int begin, int rows) => new(all[(task / Heads * Queries) + begin] + (task % Heads * HeadWidth), rows, HeadWidth, Inner);

    private Matrix OfKeys(Matrix all, long task) => new(all[task / Heads * Keys] + (task % Heads * HeadWidth), Keys, HeadWidth, Inner);

    private void Scale(float* row, float factor)
    {
        var all = Lanes.All(factor);
        for (var i = 0; i < HeadWidth; i += Lanes.Count) Lanes.Store(Lanes.Load(row + i, HeadWidth - i) * all, row + i, HeadWidth - i);
    }
}
