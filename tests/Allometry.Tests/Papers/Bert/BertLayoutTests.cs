using Allometry.Files;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Papers.Bert;
using Allometry.Tests.Interchange;
using static TorchSharp.torch;

namespace Allometry.Tests.Papers.Bert;

public sealed class BertLayoutTests : IDisposable
{
    private const string Config = """{ "model_type": "bert", "hidden_size": 12, "num_attention_heads": 3, "num_hidden_layers": 2, "intermediate_size": 10, "max_position_embeddings": 20, "vocab_size": 40 }""";
    private readonly RandomFolder their = new(new BertLayout(), Config);

    public void Dispose() => their.Dispose();

    [Fact]
    public void A_task_model_with_old_names_and_heads_of_its_own_is_read_and_comes_back_as_it_was()
    {
        var tensors = their.Write(tensors =>
        {
            foreach (var (name, value) in tensors.ToList())
            {
                tensors.Remove(name);
                tensors["bert." + name.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal)] = value;
            }
            tensors["classifier.weight"] = randn(2, 12);
            tensors["bert.embeddings.position_ids"] = arange(20, int64).unsqueeze(0);
        });
        Conversion.Run(their.At("theirs"), their.At("ours"));
        Conversion.Run(their.At("ours"), their.At("back"));
        var back = Safetensors.Read(Path.Combine(their.At("back"), "model.safetensors"));
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), back.Keys.Order(StringComparer.Ordinal));
        Assert.All(back, tensor => Assert.Equal(Convert.ToHexString(tensors[tensor.Key].bytes), Convert.ToHexString(tensor.Value.bytes)));
    }

    [Fact]
    public void A_model_that_predicts_tokens_has_no_pooler_and_comes_back_without_one()
    {
        var tensors = their.Write(tensors =>
        {
            tensors.Remove("pooler.dense.weight");
            tensors.Remove("pooler.dense.bias");
            tensors["cls.predictions.bias"] = randn(40);
        });
        Assert.False(Assert.IsType<EncoderOnly>(Conversion.Run(their.At("theirs"), their.At("ours")).Model.Architecture).Pooler);
        Conversion.Run(their.At("ours"), their.At("back"));
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), Safetensors.Read(Path.Combine(their.At("back"), "model.safetensors")).Keys.Order(StringComparer.Ordinal));
        var (model, names) = ModelFolder.Load(their.At("theirs"));
        using var owned = model;
        Assert.DoesNotContain("pooler", new Trace(model, names).Run(Inputs(), new()).Keys);
    }

    [Fact]
    public void Token_types_are_added_and_are_0_unless_given()
    {
        var tensors = their.Write();
        var (model, names) = ModelFolder.Load(their.At("theirs"));
        using var owned = model;
        var trace = new Trace(model, names);
        var (bare, zero, one) = (trace.Run(Inputs(), new()), trace.Run(Inputs() with { TokenTypes = zeros([1, 4], int64) }, new()), trace.Run(Inputs() with { TokenTypes = ones([1, 4], int64) }, new()));
        Assert.Equal(bare["hidden.2"].bytes.ToArray(), zero["hidden.2"].bytes.ToArray());
        var (ids, table) = (Inputs().Inputs[0], tensors["embeddings.token_type_embeddings.weight"][1]);
        var sum = tensors["embeddings.word_embeddings.weight"].index_select(0, ids) + tensors["embeddings.position_embeddings.weight"].narrow(0, 0, 4) + table;
        var normed = nn.functional.layer_norm(sum, [12], tensors["embeddings.LayerNorm.weight"], tensors["embeddings.LayerNorm.bias"], 1e-12);
        Assert.True((normed - one["hidden.0"][0]).abs().max().item<float>() < 1e-5);
        Assert.Contains("types 0 to 1", Assert.Throws<InputException>(() => trace.Run(Inputs() with { TokenTypes = full([1, 4], 2, int64) }, new())).Message, StringComparison.Ordinal);
    }

    [Theory, InlineData("num_attention_heads", "5"), InlineData("hidden_act", "\"mish\""), InlineData("position_embedding_type", "\"relative_key\""), InlineData("is_decoder", "true"), InlineData("embedding_size", "7")]
    public void A_field_that_changes_the_numbers_and_is_not_supported_is_named(string field, string value)
    {
        Assert.Contains($"field '{field}' ", Assert.Throws<InputException>(() => their.Describe(field, value)).Message, StringComparison.Ordinal);
    }

    private static TraceInputs Inputs() => new(tensor(new long[,] { { 7, 3, 9, 11 } }), ones([1, 4], @bool), null);
}
