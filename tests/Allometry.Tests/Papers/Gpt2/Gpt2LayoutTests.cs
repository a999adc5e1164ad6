using Allometry.Files;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Papers.Gpt2;
using Allometry.Tests.Interchange;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Gpt2;

public sealed class Gpt2LayoutTests : IDisposable
{
    private const string Config = """{ "model_type": "gpt2", "n_embd": 12, "n_head": 3, "n_layer": 2, "n_positions": 20, "vocab_size": 40, "n_inner": 10 }""";
    private readonly RandomFolder their = new(new Gpt2Layout(), Config);

    public void Dispose() => their.Dispose();

    [Fact]
    public void Query_key_and_value_are_the_three_parts_of_one_transposed_matrix()
    {
        var tensors = their.Write();
        var (model, names) = ModelFolder.Load(their.At("theirs"));
        using var owned = model;
        var ours = model.state_dict();
        var (matrix, bias) = (tensors["transformer.h.1.attn.c_attn.weight"], tensors["transformer.h.1.attn.c_attn.bias"]);
        foreach (var (i, part) in new[] { "query", "key", "value" }.Index())
        {
            Assert.True(ours[$"decoder.layers.1.sublayers.0.mixer.{part}.weight"].equal(matrix.narrow(1, 12 * i, 12).t()).all().item<bool>());
            Assert.True(ours[$"decoder.layers.1.sublayers.0.mixer.{part}.bias"].equal(bias.narrow(0, 12 * i, 12)).all().item<bool>());
        }
        var kept = names.Keep(ours).ToDictionary(tensor => tensor.Name, tensor => tensor.Value);
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), kept.Keys.Order(StringComparer.Ordinal));
        Assert.All(kept, tensor => Assert.Equal(tensors[tensor.Key].bytes.ToArray(), tensor.Value.bytes.ToArray()));
    }

    [Theory, InlineData("", false), InlineData("", true), InlineData("transformer.", true)]
    public void Files_without_the_prefix_in_half_precision_and_with_the_masks_of_older_ones_come_back_byte_by_byte(string prefix, bool half)
    {
        var tensors = their.Write(tensors =>
        {
            foreach (var (name, value) in tensors.ToList())
            {
                tensors.Remove(name);
                tensors[name.Replace("transformer.", prefix, StringComparison.Ordinal)] = half ? value.to(float16) : value;
            }
            tensors[$"{prefix}h.0.attn.bias"] = ones(1, 1, 20, 20, dtype: uint8).tril();
            tensors["lm_head.weight"] = tensors[$"{prefix}wte.weight"];
        });
        Conversion.Run(their.At("theirs"), their.At("ours"));
        Conversion.Run(their.At("ours"), their.At("back"));
        var back = Safetensors.Read(Path.Combine(their.At("back"), "model.safetensors"));
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), back.Keys.Order(StringComparer.Ordinal));
        Assert.All(back, tensor => Assert.Equal((tensors[tensor.Key].dtype, Convert.ToHexString(tensors[tensor.Key].bytes)), (tensor.Value.dtype, Convert.ToHexString(tensor.Value.bytes))));
    }

    [Fact]
    public void Gradients_are_shaped_and_named_as_the_tensors_are()
    {
        var tensors = their.Write();
        var (model, names) = ModelFolder.Load(their.At("theirs"));
        using var owned = model;
        var ids = randint(0, 40, [2, 7], int64);
        var traced = new Trace(model, names).Run(new(ids, ones_like(ids, @bool), null), new(Gradients: true));
        foreach (var (name, value) in tensors) Assert.Equal(value.shape, traced[$"grad.{name}"].shape);
        // Moving a matrix along its gradient by a little changes the loss by the square of the gradient's norm; as much from both sides, so that curvature does not count.
        var gradient = traced["grad.transformer.h.0.attn.c_attn.weight"];
        float Moved(double by)
        {
            using (no_grad())
                foreach (var (i, part) in new[] { "query", "key", "value" }.Index())
                    model.named_parameters().Single(pair => pair.name == $"decoder.layers.0.sublayers.0.mixer.{part}.weight").parameter.add_(by * gradient.narrow(1, 12 * i, 12).t());
            return new Trace(model, names).Run(new(ids, ones_like(ids, @bool), null), new())["loss"].item<float>();
        }
        var (below, above) = (Moved(-1e-4), Moved(2e-4));
        var expected = 2e-4 * gradient.square().sum().item<float>();
        Assert.Equal(expected, above - below, 0.1 * expected);
    }

    [Fact]
    public void Padding_before_a_text_changes_none_of_its_states()
    {
        their.Write();
        var (model, names) = ModelFolder.Load(their.At("theirs"));
        using var owned = model;
        var ids = tensor(new long[,] { { 5, 9, 3, 0, 0 }, { 0, 0, 5, 9, 3 } });
        var mask = tensor(new[,] { { true, true, true, false, false }, { false, false, true, true, true } });
        var logits = new Trace(model, names).Run(new(ids, mask, null), new())["logits"];
        Assert.True((logits[0, 0..3] - logits[1, 2..5]).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void A_text_longer_than_the_positions_and_one_without_a_token_are_told()
    {
        their.Write();
        var (model, _) = ModelFolder.Load(their.At("theirs"));
        using var owned = model;
        Assert.Contains("there are positions for 20", Assert.Throws<InputException>(() => model.Read(ones([1, 21], int64), null)).Message, StringComparison.Ordinal);
        Assert.Contains("no start token", Assert.Throws<InputException>(() => model.Begin(zeros([1, 3], int64), null)).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("n_head", "5"), InlineData("activation_function", "\"mish\""), InlineData("scale_attn_by_inverse_layer_idx", "true"), InlineData("rope_theta", "1"), InlineData("add_cross_attention", "true")]
    public void A_field_that_changes_the_numbers_and_is_not_supported_is_named(string field, string value)
    {
        Assert.Contains($"field '{field}' ", Assert.Throws<InputException>(() => their.Describe(field, value)).Message, StringComparison.Ordinal);
    }
}
