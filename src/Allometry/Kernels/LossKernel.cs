using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>What a fused loss computes, and what it leaves beside the loss.</summary>
/// <param name="Table">[vocabulary, width]</param>
internal sealed record LossCall(Tensor Table, double Smoothing, double Z)
{
    /// <summary>The plain cross-entropy, summed.</summary>
    public double CrossEntropy { get; set; }

    /// <summary>Whether a backward pass has been given the gradients that the forward pass made.</summary>
    public bool Taken { get; set; }
}

/// <summary>
/// Logits and cross-entropy as one operation, by chunks of rows: all logits never exist. The gradients are made in the forward pass, while a chunk's probabilities are there,
/// and kept until the backward pass asks for them.
/// </summary>
internal sealed unsafe class LossKernel : autograd.SingleTensorFunction<LossKernel>
{
    private const long ChunkFloats = 8 << 20, RowsAtLeast = 64;

    public override string Name => "Loss";

    /// <summary>Rows whose logits exist at once.</summary>
    public static double RowsAtOnce(double rows, long vocabulary) => Math.Min(rows, Math.Max(RowsAtLeast, ChunkFloats / vocabulary));

    /// <summary>hidden [rows, width], table [vocabulary, width] -> the sums of <see cref="CrossEntropy.Sums"/>.</summary>
    public static (Tensor Loss, Tensor Plain) Run(Tensor hidden, Tensor table, Tensor targets, double smoothing, double z)
    {
        var call = new LossCall(table, smoothing, z);
        var loss = is_grad_enabled() ? apply(hidden, table, targets, call) : Forward(hidden, targets, call, null, null);
        return (loss, tensor((float)call.CrossEntropy));
    }

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (hidden, targets, call) = ((Tensor)arguments[0], (Tensor)arguments[2], (LossCall)arguments[3]);
        var (dHidden, dTable) = Differentials(hidden, call.Table);
        var loss = Forward(hidden, targets, call, dHidden, dTable);
        context.Save(call, hidden, call.Table, targets, dHidden, dTable);
        return loss;
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        using var products = context.SamePrecision();
        var (call, saved) = context.Restore<LossCall>();
        var (table, gradients) = (saved[1]!, new Gradients());
        var (dHidden, dTable) = call.Taken ? Again(call with { Table = table }, saved) : (saved[3]!, saved[4]);
        call.Taken = true;
        var factor = gradient.item<float>();
        Rows.Scale(Matrix.Of(dHidden), factor);
        Rows.Scale(Matrix.Of(dTable), factor);
        if (dTable is not null) gradients.Add(table, dTable);
        foreach (var tensor in saved[..3]) tensor!.Dispose();
        gradient.Dispose();
        return SavedTensors.Return(dHidden, gradients.Of(table), null, null);
    }

    /// <summary>What the first backward pass took has been changed since: a second one makes it again.</summary>
    private static (Tensor Hidden, Tensor? Table) Again(LossCall call, Tensor?[] saved)
    {
        foreach (var taken in saved[3..]) taken?.Dispose();
        var (dHidden, dTable) = Differentials(saved[0]!, call.Table);
        Forward(saved[0]!, saved[2]!, call, dHidden, dTable).Dispose();
        return (dHidden, dTable);
    }

    private static (Tensor Hidden, Tensor? Table) Differentials(Tensor hidden, Tensor table) => (zeros_like(hidden), table.requires_grad ? empty_like(table) : null);

    private static Tensor Forward(Tensor hidden, Tensor targets, LossCall call, Tensor? dHidden, Tensor? dTable)
    {
        var (rows, width, vocabulary) = (hidden.size(0), hidden.size(1), call.Table.size(0));
        using var frame = Scratch.Open();
        using var dense = targets.contiguous();
        var number = NativeCalls.Longs(dense);
        var chosen = Chosen(number, rows);
        var most = (long)RowsAtOnce(Math.Max(chosen.Length, 1), vocabulary);
        var (logits, states, dStates) = (frame.Matrix(most, vocabulary), frame.Matrix(most, width), frame.Matrix(most, width));
        var rounded = Bfloat16.Weights(call.Table)[0];
        var (from, to, words, dWords) = (Matrix.Of(hidden), Matrix.Of(dHidden), Matrix.Of(call.Table, rounded), Matrix.Of(dTable));
        var shares = new (double Loss, double Plain)[Team.Size * 8]; // each thread's on a cache line of its own
        if (chosen.Length == 0 && dTable is not null) Rows.Clear(dWords);
        for (var begin = 0L; begin < chosen.Length; begin += most)
        {
            var (here, count) = (begin, (int)Math.Min(most, chosen.Length - begin));
            var (scores, inputs) = (logits.Slice(0, count), states.Slice(0, count));
            for (var i = 0; i < count; i++) Rows.Copy(from[chosen[here + i]], inputs[i], width);
            Blas.Multiply(inputs, words.Transposed, scores);
            Team.Share(count, (thread, first, end) =>
            {
                for (var i = first; i < end; i++)
                {
                    var (loss, plain) = VocabularyRows.Loss(scores[i], scores.Columns, (int)number[chosen[here + i]], (float)call.Smoothing, (float)call.Z, to.IsThere);
                    shares[thread * 8] = (shares[thread * 8].Loss + loss, shares[thread * 8].Plain + plain);
                }
            });
            if (!to.IsThere) continue;
            using var operands = Scratch.Open();
            scores = Products.Precision == Precision.Bfloat16 ? Bfloat16.Rounded(scores, operands) : scores;
            Blas.Multiply(scores, words, dStates.Slice(0, count));
            for (var i = 0; i < count; i++) Rows.Copy(dStates[i], to[chosen[here + i]], width);
            if (dWords.IsThere) Blas.Multiply(scores.Transposed, inputs, dWords, keep: begin == 0 ? 0 : 1);
        }
        rounded?.Dispose();
        Products.Executed(2.0 * rows * width * vocabulary);
        call.CrossEntropy = shares.Sum(share => share.Plain);
        return tensor((float)shares.Sum(share => share.Loss));
    }

    private static long[] Chosen(long* targets, long rows)
    {
        var chosen = new List<long>((int)rows);
        for (var row = 0L; row < rows; row++)
            if (targets[row] >= 0) chosen.Add(row);
        return [.. chosen];
    }
}
