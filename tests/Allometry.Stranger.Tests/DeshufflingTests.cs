using Allometry.Objectives;
using Allometry.Text;

namespace Allometry.Stranger.Tests;

public sealed class DeshufflingTests
{
    [Fact]
    public void The_inputs_are_the_targets_in_another_order()
    {
        int[] tokens = [.. Enumerable.Range(10, 31)];
        var example = Strangers.Read<Objective>("deshuffling").Make(tokens, new ByteTokenizer(125), RandomStream.For(1, "test", 0));
        Assert.Equal([.. tokens, Tokenizer.End], example.Targets);
        Assert.NotEqual(example.Targets, example.Inputs);
        Assert.Equal(example.Targets.Order(), example.Inputs.Order());
    }

    [Fact]
    public void A_text_of_the_length_it_asks_for_fills_the_inputs()
    {
        var lengths = new Deshuffling().Lengths(32);
        var example = new Deshuffling().Make(new int[lengths.Raw], new ByteTokenizer(125), RandomStream.For(1, "test", 0));
        Assert.Equal((32, 32), (example.Inputs.Length, example.Targets.Length));
    }
}
