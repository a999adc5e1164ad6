using Allometry.Costs;
using Allometry.Kernels;
using Allometry.Models;
using static TorchSharp.torch;

namespace Allometry.Stranger.Tests;

/// <summary>An attention and a feed-forward from outside are held to the same laws as our own.</summary>
public sealed class ModelTests
{
    [Theory, InlineData("feed-forward: square"), InlineData("attention: positional"), InlineData("attention: positional, feed-forward: square")]
    public void Counted_weights_are_those_of_the_module(string choice)
    {
        var architecture = Of(choice);
        using var model = architecture.Build(Strangers.Small, META);
        var built = model.named_parameters().Select(pair => (pair.name, string.Join('x', pair.parameter.shape)));
        var counted = architecture.Count(Strangers.Small, new Setting()).Weights.Select(weight => (weight.Name, string.Join('x', weight.Shape)));
        Assert.Equal(built.Order(), counted.Order());
    }

    [Theory, InlineData("feed-forward: square"), InlineData("attention: positional")]
    public void Counted_flops_are_those_of_the_products_executed(string choice)
    {
        using var scope = NewDisposeScope();
        var architecture = Of(choice);
        using var model = architecture.Build(Strangers.Small);
        using var record = Products.Record();
        model.Logits(Ids(3, 7), null, Ids(3, 5));
        Assert.Equal(architecture.Count(Strangers.Small, new Setting(3, 7, 5)).ForwardFlops, record.Flops);
    }

    [Theory, InlineData("feed-forward: square"), InlineData("attention: positional")]
    public void Counted_decode_flops_are_those_of_the_last_token_with_a_cache(string choice)
    {
        using var scope = NewDisposeScope();
        var architecture = Of(choice);
        using var model = architecture.Build(Strangers.Small);
        using var decoding = model.Begin(Ids(2, 6), null);
        for (var i = 0; i < 3; i++) decoding.Write(full([2], 3, int64));
        using var record = Products.Record();
        decoding.Write(full([2], 3, int64));
        Assert.Equal(architecture.Count(Strangers.Small, new Setting(2, 6, 5)).DecodeFlops, record.Flops);
    }

    [Theory, InlineData("feed-forward: square"), InlineData("attention: positional")]
    public void Gradient_reaches_every_parameter(string choice)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = Of(choice).Build(Strangers.Small);
        var ids = Ids(4, 30);
        model.Loss(ids, null, ids, new LossOptions()).Sum.backward();
        Assert.All(model.named_parameters(), pair => Assert.True(pair.parameter.grad?.abs().max().item<float>() > 0, pair.name));
    }

    private static Architecture Of(string choice) => Strangers.Read<Architecture>($"{{ kind: encoder-decoder, {choice} }}");

    private static Tensor Ids(int batch, int length) => randint(2, 64, [batch, length], int64);
}
