using static TorchSharp.torch;

namespace Allometry.Kernels;

/// <summary>Feed-forwards of like sizes and which rows each of them takes: expert i those whose numbers stand in <paramref name="Rows"/> before <paramref name="Ends"/>[i] and from the end of the one before on.</summary>
internal sealed record ExpertsCall(IReadOnlyList<FeedForwardWeights> Experts, long[] Rows, int[] Ends)
{
    /// <summary>Dropout of the hidden values, [place among <see cref="Rows"/>, hidden].</summary>
    public Tensor? HiddenMask { get; init; }

    /// <summary>Dropout of what the experts give, [sequence, 1, width]; the rows of a sequence are <see cref="Length"/>, one after the other.</summary>
    public Tensor? OutputMask { get; init; }

    public long Length { get; init; } = 1;

    /// <summary>All matrices in bfloat16, expert by expert, where products have such operands.</summary>
    public Tensor?[] Rounded { get; init; } = new Tensor?[Experts.Count * Experts[0].Matrices];

    public FeedForwardWeights First => Experts[0];

    public IEnumerable<Tensor> Weights => Experts.SelectMany(expert => expert.All);

    /// <summary>The same with other tensors, in the order of <see cref="Weights"/>.</summary>
    public ExpertsCall With(Tensor[] weights) => this with { Experts = [.. weights.Chunk(First.Matrices).Zip(Experts, (tensors, expert) => expert.With(tensors))] };

    /// <summary>For what the backward pass needs of hidden values, and of gates where there are any, [place, hidden].</summary>
    public (Tensor Hidden, Tensor? Gate) Room() => (empty(Rows.Length, First.Hidden), First.Gate is null ? null : empty(Rows.Length, First.Hidden));

    /// <summary>Input, output and, where there is one, gate of an expert.</summary>
    public Matrix[] Matrices(int expert) => [.. Experts[expert].All.Zip(Rounded.Skip(expert * First.Matrices), Matrix.Of)];

    /// <summary>The experts that have rows.</summary>
    public IEnumerable<int> Busy => Enumerable.Range(0, Experts.Count).Where(expert => Ends[expert] > Begin(expert));

    /// <summary>The first place of an expert.</summary>
    public int Begin(int expert) => expert == 0 ? 0 : Ends[expert - 1];

    /// <summary>Of so many rows those that no expert takes.</summary>
    public IEnumerable<int> Others(int rows)
    {
        if (Rows.Length == rows) yield break;
        var taken = new bool[rows];
        foreach (var row in Rows) taken[row] = true;
        for (var row = 0; row < rows; row++)
            if (!taken[row]) yield return row;
    }

    /// <summary>
    /// Calls the body on each thread with the stretches of places that are its share, none with more than one expert or so many places. Shares are even whatever the experts have, so an expert may be split.
    /// </summary>
    public void Share(int most, Action<int, Stretch> body) => Team.Share(Rows.Length, (thread, first, end) =>
    {
        for (var expert = 0; expert < Ends.Length; expert++)
            for (var (from, to) = ((int)Math.Max(first, Begin(expert)), (int)Math.Min(end, Ends[expert])); from < to; from += most)
                body(thread, new(expert, from, Math.Min(most, to - from)) { Begins = first <= Begin(expert) });
    });
}

/// <summary>Some places of an expert.</summary>
internal readonly record struct Stretch(int Expert, int First, int Count)
{
    /// <summary>Whether the thread that has it has the expert's first place too.</summary>
    public bool Begins { get; init; }

    /// <summary>Even parts of at most so many.</summary>
    public IEnumerable<(int First, int Count)> Parts(int most) => Team.Parts(First, First + Count, most).Select(part => ((int)part.First, part.Count));
}
