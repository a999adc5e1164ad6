using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;

namespace Allometry.Benchmarks;

/// <summary>A shape with the batch that it is timed on: so many sequences without padding.</summary>
public sealed record BenchShape(Shape Shape, int Batch, int InputLength, int TargetLength)
{
    /// <summary>The shapes that speed is told of, from the smallest.</summary>
    public static IReadOnlyList<BenchShape> All { get; } =
    [
        new(new(128, 512, 32, 4, 2, 2, 4096, "micro"), 16, 128, 32),
        new(new(256, 1024, 64, 4, 4, 4, 8192, "probe"), 16, 128, 32),
        new(new(256, 1024, 64, 4, 4, 4, 32128, "tiny"), 8, 512, 114),
        new(new(192, 768, 32, 6, 12, 12, 8192, "deep-narrow"), 16, 128, 32),
        new(new(512, 2048, 64, 8, 6, 6, 32128, "small"), 4, 512, 114),
    ];

    public string Name => Shape.Name!;

    public Architecture Architecture { get; init; } = new EncoderDecoder();

    /// <summary>What the operands of its products are.</summary>
    public Precision Precision { get; init; }

    /// <summary>Tokens of a step.</summary>
    public int Tokens => Batch * (InputLength + TargetLength);

    /// <summary>Parameters and FLOPs of a step.</summary>
    public CostSheet Count() => Architecture.Count(Shape, new Setting(Batch, InputLength, TargetLength));

    public static BenchShape Named(string name) => All.FirstOrDefault(shape => shape.Name == name)
        ?? throw new InputException("shape", $"'{name}' is not one that is timed", Suggestion.For(name, All.Select(shape => shape.Name)));

    /// <summary>Examples of random tokens, always the same.</summary>
    public BatchSource Source() => new Fixed([.. Enumerable.Range(0, Batch).Select(row => new Example(Tokenized(row, InputLength), Tokenized(~row, TargetLength)))]);

    private int[] Tokenized(int seed, int length)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length - 1).Select(_ => random.Next(2, Shape.Vocabulary)), (int)LanguageModel.End];
    }

    private sealed class Fixed(IReadOnlyList<Example> examples) : BatchSource
    {
        public override IReadOnlyList<Example> At(long step) => examples;
    }
}
