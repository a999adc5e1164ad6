using Allometry.Papers.LongT5;
using Allometry.Tests.Golden;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.LongT5;

/// <summary>Against the worked cases of the reference's own tests, Hugging Face's numbers, and sums by hand.</summary>
public class TextBlocksTests
{
    [Theory] // flaxformer's tests: blocks of 3 in 8 positions
    [InlineData(8, "0 0 0 1 1 1 1 1")]
    [InlineData(6, "0 0 0 1 1 1 -1 -1")]
    [InlineData(5, "0 0 0 0 0 -1 -1 -1")]
    [InlineData(2, "-1 -1 -1 -1 -1 -1 -1 -1")]
    public void What_is_left_over_joins_the_last_whole_block(int real, string blocks)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(blocks, Text(TextBlocks.Of(arange(8).unsqueeze(0).lt(real), 3)));
    }

    [Theory, InlineData("longt5_tglobal_len10.json"), InlineData("longt5_tglobal_len12_full.json")]
    public void Blocks_are_the_references(string file)
    {
        using var scope = NewDisposeScope();
        var golden = Goldens.Json("sine", file);
        var real = stack(golden["attention_mask"]!.AsArray().Select(row => tensor(row!.AsArray().Select(one => (int)one! == 1).ToArray())));
        Assert.Equal(string.Join(' ', golden["fixed_block_ids"]!.AsArray().SelectMany(row => row!.AsArray()).Select(id => id!.ToString())), Text(TextBlocks.Of(real, 4)));
    }

    [Fact]
    public void A_text_shorter_than_a_block_has_none()
    {
        using var scope = NewDisposeScope();
        Assert.Equal("-1 -1", Text(TextBlocks.Of(ones([1, 2], @bool), 16)));
        Assert.Equal([1, 0, 5], TextBlocks.Sums(randn(1, 2, 5), TextBlocks.Of(ones([1, 2], @bool), 16), 0).shape);
    }

    [Fact]
    public void A_global_is_the_sum_of_its_tokens_and_nothing_where_there_are_none()
    {
        using var scope = NewDisposeScope();
        var x = arange(16, float32).view(2, 8, 1);
        var blocks = TextBlocks.Of(arange(8).unsqueeze(0).lt(tensor([8, 5]).unsqueeze(1)), 3);
        Assert.Equal([0 + 1 + 2, 3 + 4 + 5 + 6 + 7, 8 + 9 + 10 + 11 + 12, 0], TextBlocks.Sums(x, blocks, 2).data<float>().ToArray());
    }

    [Fact] // longt5.md section 4: blocks of 3, 12 tokens; a table whose score at each distance is the distance
    public void Bias_is_by_distance_in_blocks()
    {
        using var scope = NewDisposeScope();
        var bias = TextBlocks.Bias(arange(-3, 5, float32).unsqueeze(0), TextBlocks.Of(ones([1, 12], @bool), 3)); // [1, 1, 12, 4]
        string[] rows = ["0 1 2 3", "-1 0 1 2", "-2 -1 0 1", "-3 -2 -1 0"];
        for (var token = 0; token < 12; token++) Assert.Equal(rows[token / 3], Text(bias[0, 0, token].to(int64)));
    }

    private static string Text(Tensor ids) => string.Join(' ', ids.data<long>().ToArray());
}
