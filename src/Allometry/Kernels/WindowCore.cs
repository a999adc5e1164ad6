namespace Allometry.Kernels;

/// <summary>Queries, keys and values, or the gradients of them; of the window's keys and of the global ones.</summary>
internal readonly record struct WindowFlow(Matrix Query, Matrix Key, Matrix Value, Matrix GlobalKey, Matrix GlobalValue, Matrix Output);

/// <summary>
/// Windowed attention of every head of every sequence. Scores exist only as blocks of a few queries against the keys within reach of any of them, and the global ones beside them, in the cache;
/// the backward pass computes them again, as that of <see cref="AttentionCore"/> does.
/// </summary>
internal readonly unsafe struct WindowCore
{
    private const int CacheFloats = 64 * 1024, Most = 64, Least = 16;

    public required int Batch { get; init; }

    public required int Heads { get; init; }

    public required int Length { get; init; }

    public required int Globals { get; init; }

    public required int HeadWidth { get; init; }

    public required int Radius { get; init; }

    /// <summary>Bias by head and distance, [heads, 2 * radius + 1]. Null: none.</summary>
    public required float* Line { get; init; }

    /// <summary>Bias by head and distance in globals, [heads, 2 * global]. Null: there are no globals.</summary>
    public required float* GlobalLine { get; init; }

    /// <summary>The global of each token, [batch, length]. Null: there are no globals.</summary>
    public required long* Blocks { get; init; }

    /// <summary>0 or the hidden score, [batch, length]. Null: all keys are real.</summary>
    public required float* Unseen { get; init; }

    /// <summary>Dropout of the weights, [batch * heads * blocks, window + global]; and how many queries share a row. Null: none.</summary>
    public required float* Mask { get; init; }

    public required int MaskBlock { get; init; }

    private int Inner => Heads * HeadWidth;

    private int LineLength => (2 * Radius) + 1;

    private int MaskBlocks => (Length + MaskBlock - 1) / MaskBlock;

    /// <summary>Queries of a block; blocks of dropout are not shared by two.</summary>
    private int Block => Math.Min(MaskBlock, Math.Clamp(CacheFloats / (LineLength + Most + Globals) / Least * Least, Least, Most));

    /// <summary>The most keys that a block of queries is multiplied by.</summary>
    private int MostKeys => Math.Min(Length, Block + (2 * Radius)) + Globals;

    private int Stride => (MostKeys + Lanes.Count - 1) / Lanes.Count * Lanes.Count;

    /// <summary>Floats of scratch that each thread needs: scores, their gradients, and a row each of bias, zeros and dropout.</summary>
    public long Space => ((2L * Block) + 3) * Stride;

    /// <summary>Fills the output [row, inner] and two numbers for each query of each head.</summary>
    public void Forward(WindowFlow flow, float* statistics, float* space)
    {
        var core = this;
        Team.Share((long)Batch * Heads, (thread, first, end) =>
        {
            for (var task = first; task < end; task++)
                foreach (var span in core.Spans())
                    core.Forward(new Sight(core, task, span, space + (thread * core.Space)), flow, statistics);
        });
    }

    /// <summary>From the output's gradient: those of queries, and, added to what is there, of keys and values; those of the lines are added to each thread's own copies.</summary>
    public void Backward(WindowFlow flow, WindowFlow d, float* statistics, Matrix dLines, Matrix dGlobalLines, float* space)
    {
        var core = this;
        Team.Share((long)Batch * Heads, (thread, first, end) =>
        {
            for (var task = first; task < end; task++)
                foreach (var span in core.Spans())
                    core.Backward(new Sight(core, task, span, space + (thread * core.Space)), flow, d, statistics, dLines.IsThere ? dLines[thread] : null, dGlobalLines.IsThere ? dGlobalLines[thread] : null);
        });
    }

    /// <summary>Blocks of queries: where each begins, and how many it has.</summary>
    private IEnumerable<(int Begin, int Rows)> Spans()
    {
        for (var begin = 0; begin < Length;)
        {
            var rows = Math.Min(Block, Math.Min(Length, ((begin / MaskBlock) + 1) * MaskBlock) - begin);
            yield return (begin, rows);
            begin += rows;
        }
    }

    /// <summary>Globals of a text itself: those behind its last token's stand for nothing.</summary>
    private int Own(int sequence)
    {
        var blocks = new ReadOnlySpan<long>(Blocks + ((long)sequence * Length), Length);
        var last = blocks.LastIndexOfAnyExcept(-1);
        return last < 0 ? 0 : (int)blocks[last] + 1;
    }

    private void Forward(Sight sight, WindowFlow flow, float* statistics)
    {
        var scores = sight.Space;
        Multiply(sight.Queries(flow.Query), sight, flow.Key, flow.GlobalKey, scores);
        for (var i = 0; i < sight.Rows; i++)
        {
            var at = sight.Statistics(statistics, i);
            (at[0], at[1]) = AttentionRows.Exponentials(scores + ((long)i * Stride), sight.Row(i));
        }
        var output = sight.Queries(flow.Output);
        Blas.Multiply(sight.Near(scores), sight.Window(flow.Value), output);
        if (Globals > 0) Blas.Multiply(sight.Far(scores), sight.Global(flow.GlobalValue), output, keep: 1);
        for (var i = 0; i < sight.Rows; i++) Rows.Scale(new Matrix(output[i], 1, HeadWidth), sight.Statistics(statistics, i)[1]);
    }

    private void Backward(Sight sight, WindowFlow flow, WindowFlow d, float* statistics, float* dLine, float* dGlobalLine)
    {
        float* scores = sight.Space, gradients = scores + ((long)Block * Stride);
        var (queries, dOutput, dQueries) = (sight.Queries(flow.Query), sight.Queries(d.Output), sight.Queries(d.Query));
        Multiply(queries, sight, flow.Key, flow.GlobalKey, scores);
        Multiply(dOutput, sight, flow.Value, flow.GlobalValue, gradients);
        for (var i = 0; i < sight.Rows; i++)
        {
            var at = sight.Statistics(statistics, i);
            AttentionRows.Differentiate(scores + ((long)i * Stride), gradients + ((long)i * Stride), sight.Row(i), at[0], at[1]);
            sight.AddToLines(gradients + ((long)i * Stride), i, dLine, dGlobalLine);
        }
        Blas.Multiply(sight.Near(gradients), sight.Window(flow.Key), dQueries);
        Blas.Multiply(sight.Near(gradients).Transposed, queries, sight.Window(d.Key), keep: 1);
        Blas.Multiply(sight.Near(scores).Transposed, dOutput, sight.Window(d.Value), keep: 1);
        if (Globals == 0) return;
        Blas.Multiply(sight.Far(gradients), sight.Global(flow.GlobalKey), dQueries, keep: 1);
        Blas.Multiply(sight.Far(gradients).Transposed, queries, sight.Global(d.GlobalKey), keep: 1);
        Blas.Multiply(sight.Far(scores).Transposed, dOutput, sight.Global(d.GlobalValue), keep: 1);
    }

    /// <summary>Rows times all keys that a block sees, or times their values.</summary>
    private static void Multiply(Matrix rows, Sight sight, Matrix window, Matrix globals, float* into)
    {
        Blas.Multiply(rows, sight.Window(window).Transposed, sight.Near(into));
        if (globals.IsThere) Blas.Multiply(rows, sight.Global(globals).Transposed, sight.Far(into));
    }

    /// <summary>What the queries of one block of one head of one sequence see: the keys within reach of any of them, then the globals.</summary>
    private readonly struct Sight
    {
        private readonly WindowCore core;
        private readonly int sequence, head, begin, first, keys, own;
        private readonly long task;
        private readonly float* bias, zeros, mask;

        public Sight(WindowCore core, long task, (int Begin, int Rows) span, float* space)
        {
            (this.core, this.task, begin, Rows) = (core, task, span.Begin, span.Rows);
            (sequence, head) = ((int)(task / core.Heads), (int)(task % core.Heads));
            Space = space;
            first = Math.Max(0, begin - core.Radius);
            keys = Math.Min(core.Length, begin + Rows + core.Radius) - first;
            bias = space + (2L * core.Block * core.Stride);
            zeros = bias + core.Stride;
            new Span<float>(zeros, core.Stride).Clear();
            mask = core.Mask == null ? null : zeros + core.Stride;
            if (mask != null) FillMask();
            if (core.Globals > 0) own = core.Own(sequence);
        }

        public int Rows { get; }

        public float* Space { get; }

        public Matrix Queries(Matrix all) => Of(all, core.Length, begin, Rows);

        public Matrix Window(Matrix all) => Of(all, core.Length, first, keys);

        public Matrix Global(Matrix all) => Of(all, core.Globals, 0, core.Globals);

        /// <summary>Of rows of scores those of the window's keys.</summary>
        public Matrix Near(float* scores) => new(scores, Rows, keys, core.Stride);

        public Matrix Far(float* scores) => new(scores + keys, Rows, core.Globals, core.Stride);

        public float* Statistics(float* all, int i) => all + (2 * ((task * core.Length) + begin + i));

        /// <summary>A query's keys with all that is added to their scores.</summary>
        public AttentionRow Row(int i)
        {
            var (from, to) = Reach(i);
            new Span<float>(bias, from).Fill(AttentionRows.Hidden);
            new Span<float>(bias + to, keys - to).Fill(AttentionRows.Hidden);
            if (core.Line == null) new Span<float>(bias + from, to - from).Clear();
            else Kernels.Rows.Copy(OfLine(core.Line, i) + from, bias + from, to - from);
            if (core.Unseen != null) Kernels.Rows.Add(bias, core.Unseen + ((long)sequence * core.Length) + first, bias, keys);
            if (core.Globals > 0) FillGlobalBias(i);
            return new(bias, zeros, mask, keys + core.Globals, keys + core.Globals, blind: false);
        }

        /// <summary>Adds a query's gradients of scores to those of the lines of its head.</summary>
        public void AddToLines(float* gradients, int i, float* dLine, float* dGlobalLine)
        {
            var (from, to) = Reach(i);
            if (dLine != null) Kernels.Rows.Add(OfLine(dLine, i) + from, gradients + from, OfLine(dLine, i) + from, to - from);
            if (dGlobalLine == null) return;
            var line = OfGlobalLine(dGlobalLine, i);
            Kernels.Rows.Add(line, gradients + keys, line, own);
        }

        /// <summary>The columns [from, to) of the window within a query's radius.</summary>
        private (int From, int To) Reach(int i) => (Math.Max(0, begin + i - core.Radius - first), Math.Min(core.Length, begin + i + core.Radius + 1) - first);

        /// <summary>Where the line of the head has the distance of the window's first key, which may be before its beginning.</summary>
        private float* OfLine(float* lines, int i) => lines + (head * core.LineLength) + first - (begin + i) + core.Radius;

        private float* OfGlobalLine(float* lines, int i) => lines + (head * 2 * core.Globals) + core.Globals - 1 - core.Blocks[((long)sequence * core.Length) + begin + i];

        private void FillGlobalBias(int i)
        {
            Kernels.Rows.Copy(OfGlobalLine(core.GlobalLine, i), bias + keys, own);
            new Span<float>(bias + keys + own, core.Globals - own).Fill(AttentionRows.Hidden);
        }

        /// <summary>The block's row of dropout for the keys that are there.</summary>
        private void FillMask()
        {
            var block = begin / core.MaskBlock;
            var side = core.MaskBlocks == 1 ? 0 : core.MaskBlock;
            var window = core.MaskBlock + (2 * side);
            var row = core.Mask + (((task * core.MaskBlocks) + block) * (window + core.Globals));
            Kernels.Rows.Copy(row + first - ((block * core.MaskBlock) - side), mask, keys);
            Kernels.Rows.Copy(row + window, mask + keys, core.Globals);
        }

        private Matrix Of(Matrix all, int length, int from, int rows) => new(all[((long)sequence * length) + from] + (head * core.HeadWidth), rows, core.HeadWidth, core.Inner);
    }
}
