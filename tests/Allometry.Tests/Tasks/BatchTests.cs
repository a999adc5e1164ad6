using Allometry.Tasks;
using CsCheck;
using static TorchSharp.torch;

namespace Allometry.Tests.Tasks;

public sealed class BatchTests
{
    private static readonly Gen<int[]> Tokens = Gen.Int[1, 500].Array[1, 12];
    private static readonly Gen<Example> Examples = Gen.Select(Tokens, Tokens, (inputs, targets) => new Example(inputs, targets));

    [Fact]
    public void Rows_hold_their_tokens_then_zeros_and_the_mask_tells_which()
    {
        using var batch = Batch.Of([new([5, 6, 1], [7, 1]), new([8, 1], [9, 10, 11, 1])]);

        Assert.Equal([5, 6, 1, 8, 1, 0], batch.Inputs.data<long>().ToArray());
        Assert.Equal([true, true, true, true, true, false], batch.InputMask.data<bool>().ToArray());
        Assert.Equal([7, 1, 0, 0, 9, 10, 11, 1], batch.Targets.data<long>().ToArray());
        Assert.Equal((5, 6), (batch.InputTokens, batch.TargetTokens));
    }

    [Fact]
    public void Every_example_can_be_read_back_from_the_padded_tensors() =>
        Examples.List[1, 9].Sample(examples =>
        {
            using var batch = Batch.Of(examples, 16, 14);
            Assert.Equal([examples.Count, 16], batch.Inputs.shape);
            Assert.Equal([examples.Count, 14], batch.Targets.shape);
            for (var row = 0; row < examples.Count; row++)
            {
                Assert.Equal(examples[row].Inputs.Select(t => (long)t), Row(batch.Inputs, row));
                Assert.Equal(examples[row].Targets.Select(t => (long)t), Row(batch.Targets, row));
            }
        }, iter: 50);

    [Fact]
    public void An_example_that_does_not_fit_is_refused() =>
        Assert.Contains("3 tokens", Assert.Throws<ArgumentException>(() => Batch.Of([new([1, 2, 3], [1])], inputLength: 2)).Message, StringComparison.Ordinal);

    private static long[] Row(Tensor ids, int row) => [.. ids[row].data<long>().ToArray().TakeWhile(id => id != 0)];
}
