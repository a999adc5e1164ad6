using Allometry.Costs;
using Allometry.Models;
using Allometry.Papers.ScaleEfficiently;
using TorchSharp;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.ScaleEfficiently;

public class SharedAttentionTests
{
    private static readonly Shape Shape = new(ModelWidth: 12, FeedForwardWidth: 20, HeadWidth: 5, Heads: 3, EncoderLayers: 2, DecoderLayers: 2, Vocabulary: 40);

    public static TheoryData<Attention> Kinds => [new SharedHeads(), new SharedKeyValue(), new SharedHeadsKeyValue()];

    [Theory, MemberData(nameof(Kinds))] // cross-attention too
    public void It_is_multi_head_attention_whose_heads_or_keys_and_values_are_copies(Attention attention)
    {
        using var scope = NewDisposeScope();
        using var shared = Everywhere(attention).Build(Shape);
        using var full = Everywhere(new MultiHeadAttention()).Build(Shape);
        shared.to(float64).eval();
        full.to(float64).eval();
        var weights = shared.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        using (no_grad())
        {
            foreach (var (name, weight) in full.named_parameters())
            {
                var source = weights.GetValueOrDefault(name) ?? weights[name.Replace("value.weight", "key.weight", StringComparison.Ordinal)];
                weight.copy_(source.dim() == 2 ? source.repeat(weight.size(0) / source.size(0), 1) : source);
            }
        }

        var (inputs, targets) = (randint(2, 40, [2, 7], int64), randint(2, 40, [2, 5], int64));
        Assert.InRange((full.Logits(inputs, null, targets) - shared.Logits(inputs, null, targets)).abs().max().item<double>(), 0, 1e-12);
    }

    [Theory] // d = 12, i = 15, k = 5: a self-attention of T5 has 4 d i = 720 weights
    [InlineData("shared-heads", (2 * 12 * 15) + (2 * 12 * 5))]
    [InlineData("shared-key-value", 3 * 12 * 15)]
    [InlineData("shared-heads-key-value", (2 * 12 * 15) + (12 * 5))]
    public void It_has_fewer_weights(string kind, int weights)
    {
        var t5 = new EncoderDecoder();
        var saved = t5.Count(Shape, new Setting()).Parameters - (t5 with { Attention = Kinds.Select(row => row.Data).Single(attention => Allometry.Kinds.Catalogue.NameOf(attention) == kind) }).Count(Shape, new Setting()).Parameters;
        Assert.Equal(4 * (720 - weights), saved); // two layers of the encoder, two of the decoder
    }

    private static EncoderDecoder Everywhere(Attention attention) => new()
    {
        Attention = attention,
        Decoder = Stack.Of(new SelfAttention(), new CrossAttention(attention), new FeedForwardSublayer()),
    };
}
