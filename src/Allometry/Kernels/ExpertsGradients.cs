namespace Allometry.Kernels;

/// <summary>
/// The gradients of experts' matrices while threads add to them. Of an expert that is split the thread with its first place adds to the gradient itself, the others, of whose places that expert's are the
/// first, to sums of their own, which join it at the end in the threads' order.
/// </summary>
internal sealed unsafe class ExpertsGradients
{
    private readonly Sum[,] whole, parts; // by expert and matrix; by thread and matrix
    private readonly int[] split; // whose the parts of a thread are; -1: nobody's
    private readonly int cells;

    public ExpertsGradients(ExpertsCall call, Gradients gradients, Scratch.Frame frame)
    {
        var (matrices, threads) = (call.First.Matrices, Team.Size);
        (whole, parts, split, cells) = (new Sum[call.Experts.Count, matrices], new Sum[threads, matrices], new int[threads], call.First.Width * call.First.Hidden);
        foreach (var expert in call.Busy)
            foreach (var (matrix, weight) in call.Experts[expert].All.Index()) whole[expert, matrix] = new((nint)gradients.At(weight, out var keep), keep);
        for (var thread = 0; thread < threads; thread++)
            for (var matrix = 0; matrix < matrices; matrix++) parts[thread, matrix] = new((nint)frame.Floats(cells), 0);
        Array.Fill(split, -1);
    }

    /// <summary>Adds left x right to the gradient of one of an expert's matrices: 0 is the input's, 1 the output's, 2 the gate's.</summary>
    public void Add(int thread, Stretch stretch, int matrix, Matrix left, Matrix right)
    {
        if (whole[stretch.Expert, matrix].Address == 0) return; // not wanted
        if (!stretch.Begins) split[thread] = stretch.Expert;
        ref var sum = ref stretch.Begins ? ref whole[stretch.Expert, matrix] : ref parts[thread, matrix];
        Blas.Multiply(left, right, new((float*)sum.Address, left.Rows, right.Columns), sum.Keep);
        sum = sum with { Keep = 1 };
    }

    /// <summary>Adds the parts of experts that were split.</summary>
    public void Join()
    {
        for (var thread = 0; thread < split.Length; thread++)
            for (var matrix = 0; matrix < parts.GetLength(1) && split[thread] >= 0; matrix++)
            {
                if (parts[thread, matrix].Keep == 0) continue;
                float* part = (float*)parts[thread, matrix].Address, sum = (float*)whole[split[thread], matrix].Address;
                Team.Share(cells, (_, first, end) => Rows.Add(sum + first, part + first, sum + first, end - first));
            }
    }

    /// <summary>Where a gradient is, and how much of what lies there a product must keep.</summary>
    private readonly record struct Sum(nint Address, float Keep);
}
