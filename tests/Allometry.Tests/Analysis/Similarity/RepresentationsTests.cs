using Allometry.Analysis.Similarity;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tasks;
using static TorchSharp.torch;

namespace Allometry.Tests.Analysis.Similarity;

public sealed class RepresentationsTests : IDisposable
{
    private static readonly Shape Small = new(ModelWidth: 16, FeedForwardWidth: 32, HeadWidth: 8, Heads: 2, EncoderLayers: 2, DecoderLayers: 2, Vocabulary: 40);
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => scope.Dispose();

    public static TheoryData<string> Families => ["encoder-decoder", "encoder-only", "decoder-only", "bert", "gpt-2"];

    [Theory, MemberData(nameof(Families))]
    public void A_texts_features_do_not_depend_on_the_texts_beside_it(string family)
    {
        using var model = Model(family, 1);
        var texts = Texts(9, longest: 7);
        var together = new Representations().Of(model, texts, Stop);
        Assert.Equal(3, together.Count);
        foreach (var (i, text) in texts.Index())
            foreach (var (layer, alone) in new Representations().Of(model, [text], Stop).Index())
                foreach (var (expected, actual) in alone.Row(0).ToArray().Zip(together[layer].Row(i).ToArray())) Assert.Equal(expected, actual, 1e-4);
    }

    [Fact]
    public void With_padding_it_is_the_mean_over_all_positions_up_to_the_longest_text()
    {
        using var model = Model("encoder-decoder", 1);
        var texts = Texts(5, longest: 6);
        var padded = new Representations(IncludePadding: true).Of(model, texts, Stop);
        using var batch = Batch.Of(texts);
        var expected = model.Read(batch.Inputs, batch.InputMask)["encoder"][2].mean([1]).to(float64);
        foreach (var (row, i) in Enumerable.Range(0, 5).Select(i => (padded[2].Row(i).ToArray(), i)))
            foreach (var (wanted, actual) in expected[i].data<double>().ToArray().Zip(row)) Assert.Equal(wanted, actual, 1e-4);
    }

    [Fact]
    public void The_writers_states_are_the_decoders_at_the_start_token_and_tokens_are_rows_by_themselves()
    {
        using var model = Model("encoder-decoder", 1);
        var texts = Texts(4, longest: 5);
        var writer = new Representations(Source: StateSource.Writer).Of(model, texts, Stop);
        using var batch = Batch.Of([texts[2]]);
        var expected = model.HiddenStates(batch.Inputs, batch.InputMask, zeros([1, 3], int64))["decoder"][2][0, 0].to(float64).data<double>().ToArray();
        foreach (var (wanted, actual) in expected.Zip(writer[2].Row(2).ToArray())) Assert.Equal(wanted, actual, 1e-4);
        Assert.Equal(texts.Sum(text => text.Inputs.Length), new Representations(Pooling.Tokens).Of(model, texts, Stop)[1].Count);
    }

    [Fact]
    public void Models_that_share_their_lower_layers_are_alike_up_to_there()
    {
        using var one = Model("encoder-decoder", 1);
        using var other = Model("encoder-decoder", 1);
        using (no_grad()) foreach (var (name, weight) in other.named_parameters()) if (name.StartsWith("encoder.layers.1.", StringComparison.Ordinal)) weight.add_(0.7 * randn_like(weight));
        var texts = Texts(30, longest: 7);
        var (x, y) = (new Representations().Of(one, texts, Stop), new Representations().Of(other, texts, Stop));
        var cka = x.Zip(y, (a, b) => LinearCka.Of(a, b).Linear!.Value).ToList();
        Assert.Equal([1, 1], cka.Take(2).Select(value => Math.Round(value, 9)));
        Assert.InRange(cka[2], 0, 0.999);
    }

    [Fact]
    public void An_inverted_text_is_the_same_to_the_model_that_was_inverted_and_another_to_a_stranger()
    {
        using var model = Model("encoder-decoder", 1);
        using var stranger = Model("encoder-decoder", 2);
        var texts = Texts(16, longest: 5);
        var inversion = new Inversion(Steps: 800);
        var itself = inversion.Stir(model, 2, model, 2, texts, Stop);
        Assert.InRange(itself.Residual, 0, 0.015);
        Assert.InRange(itself.Value!.Value, 0.999, 1 + 1e-9);
        var other = inversion.Stir(model, 2, stranger, 2, texts, Stop);
        Assert.InRange(other.Value!.Value, 0, 0.97);
        Assert.Null(new Inversion(Steps: 1).Stir(model, 2, model, 2, texts, Stop).Value); // nothing was reached
        Assert.All(model.parameters(), weight => Assert.True(weight.requires_grad && weight.grad is null));
        using var wide = new EncoderDecoder().Build(Small with { ModelWidth = 20 });
        Assert.Contains("width", Assert.Throws<InputException>(() => inversion.Stir(model, 2, wide, 2, texts, Stop)).Message, StringComparison.Ordinal);
    }

    private static LanguageModel Model(string family, long seed)
    {
        manual_seed(seed);
        var model = Reader.Read<Architecture>(family, "test").Build(Small);
        using var still = no_grad();
        foreach (var (_, weight) in model.named_parameters()) weight.copy_(randn_like(weight) * 0.4 + (weight.dim() == 1 ? 1 : 0));
        model.eval();
        return model;
    }

    private static List<Example> Texts(int count, int longest)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(i => new Example([.. Enumerable.Range(0, i % longest + 1).Select(_ => random.Next(2, 40))], [1]))];
    }
}
