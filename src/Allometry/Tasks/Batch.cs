using static TorchSharp.torch;

namespace Allometry.Tasks;

/// <summary>
/// Examples as a model reads them: <paramref name="Inputs"/> int64 [batch, input], <paramref name="InputMask"/> bool [batch, input]
/// (true where there is a token), <paramref name="Targets"/> int64 [batch, target]; short rows are filled with 0.
/// </summary>
public sealed record Batch(Tensor Inputs, Tensor InputMask, Tensor Targets) : IDisposable
{
    /// <summary>Bool [batch, input], true at the places that the examples mark; null where they mark none.</summary>
    public Tensor? Marked { get; init; }

    /// <summary>Tokens that are not padding among the inputs.</summary>
    public long InputTokens { get; init; }

    /// <summary>Tokens that are not padding among the targets: what a mean loss is divided by.</summary>
    public long TargetTokens { get; init; }

    /// <summary>Tokens that are computed: those of both, and padding.</summary>
    public long Positions => Inputs.numel() + Targets.numel();

    /// <summary>
    /// Pads to the longest example, or to the given lengths (fixed lengths make every step cost the same).
    /// An example longer than a given length is an <see cref="ArgumentException"/>: truncating is the task's decision, never silent here.
    /// </summary>
    public static Batch Of(IReadOnlyList<Example> examples, int? inputLength = null, int? targetLength = null)
    {
        if (examples.Count == 0)
        {
            throw new ArgumentException("A batch needs at least one example.", nameof(examples));
        }

        var inputs = Width(examples.Select(e => e.Inputs.Length), inputLength, nameof(inputLength));
        var targets = Width(examples.Select(e => e.Targets.Length), targetLength, nameof(targetLength));
        var rows = examples.Count;
        var (input, real, target) = (new long[rows * inputs], new bool[rows * inputs], new long[rows * targets]);
        for (var row = 0; row < rows; row++)
        {
            Fill(input.AsSpan(row * inputs, inputs), examples[row].Inputs);
            real.AsSpan(row * inputs, examples[row].Inputs.Length).Fill(true);
            Fill(target.AsSpan(row * targets, targets), examples[row].Targets);
        }

        // Straight from arrays, without an operation of libtorch: batches are made on threads that must not wake its team.
        return new Batch(tensor(input, [rows, inputs]), tensor(real, [rows, inputs]), tensor(target, [rows, targets]))
        {
            InputTokens = examples.Sum(e => (long)e.Inputs.Length),
            TargetTokens = examples.Sum(e => (long)e.Targets.Length),
            Marked = examples.Any(e => e.Marked is not null) ? Marks(examples, inputs) : null,
        };
    }

    /// <summary>The same on a device; what had to be copied belongs to the scope around.</summary>
    public Batch To(Device device) => this with { Inputs = Inputs.to(device), InputMask = InputMask.to(device), Targets = Targets.to(device), Marked = Marked?.to(device) };

    public void Dispose()
    {
        Inputs.Dispose();
        InputMask.Dispose();
        Targets.Dispose();
        Marked?.Dispose();
    }

    private static int Width(IEnumerable<int> lengths, int? given, string name)
    {
        var longest = lengths.Max();
        return given is { } width && longest > width
            ? throw new ArgumentException($"An example of {longest} tokens does not fit a length of {width}.", name)
            : given ?? longest;
    }

    private static Tensor Marks(IReadOnlyList<Example> examples, int inputs)
    {
        var marks = new bool[examples.Count * inputs];
        foreach (var (row, example) in examples.Index())
            foreach (var place in example.Marked ?? []) marks[(row * inputs) + place] = true;
        return tensor(marks, [examples.Count, inputs]);
    }

    private static void Fill(Span<long> row, int[] tokens)
    {
        for (var i = 0; i < tokens.Length; i++)
        {
            row[i] = tokens[i];
        }
    }
}
