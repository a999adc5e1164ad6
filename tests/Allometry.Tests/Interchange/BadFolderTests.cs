using System.Text.Json.Nodes;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Tests.Interchange;

public class BadFolderTests
{
    [Theory]
    [InlineData("hidden_act", "\"relu\"")]
    [InlineData("position_embedding_type", "\"absolute\"")]
    [InlineData("pad_token_id", "3")]
    [InlineData("eos_token_id", "2")]
    [InlineData("decoder_start_token_id", "2")]
    [InlineData("is_decoder", "true")]
    [InlineData("is_encoder_decoder", "false")]
    [InlineData("tie_encoder_decoder", "true")]
    [InlineData("pruned_heads", """{"0": [1]}""")]
    [InlineData("quantization_config", """{"bits": 8}""")]
    [InlineData("dense_act_fn", "\"gelu_fast\"")]
    [InlineData("feed_forward_proj", "\"glu-relu\"")]
    [InlineData("d_model", "\"512\"")]
    [InlineData("d_kv", "0")]
    [InlineData("num_heads", "2.5")]
    [InlineData("layer_norm_epsilon", "\"small\"")]
    [InlineData("tie_word_embeddings", "1")]
    [InlineData("relative_attention_num_buckets", "2")]
    [InlineData("relative_attention_max_distance", "16")]
    public void A_field_that_changes_the_numbers_and_is_not_supported_is_named(string field, string value)
    {
        using var folder = new TheirFolder();
        folder.Config[field] = JsonNode.Parse(value);
        folder.Write();
        Assert.Contains($"field '{field}' ", Refusal(folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pruned_heads", "{}"), InlineData("tie_encoder_decoder", "false"), InlineData("hidden_act", "null"), InlineData("torch_dtype", "\"bfloat16\""), InlineData("dropout_rate", "0.1")]
    [InlineData("task_specific_params", """{"summarization": {"num_beams": 4}}"""), InlineData("n_positions", "512"), InlineData("decoder_start_token_id", "0"), InlineData("layer_norm_epsilon", "1e-5")]
    public void One_that_does_not_or_says_what_is_so_anyway_goes_through(string field, string value)
    {
        using var folder = new TheirFolder();
        folder.Config[field] = JsonNode.Parse(value);
        folder.Write();
        folder.Convert("theirs", "ours");
    }

    [Fact]
    public void All_wrong_fields_are_told_at_once()
    {
        using var folder = new TheirFolder();
        (folder.Config["pad_token_id"], folder.Config["d_ff"], folder.Config["rope_theta"]) = (5, -1, 10000);
        folder.Write();
        Assert.Equal(3, Assert.Throws<InputException>(() => folder.Convert("theirs", "ours")).Problems.Count);
    }

    [Theory, InlineData("llama", "t5"), InlineData("t6", "did you mean 't5'"), InlineData(null, "model_type")]
    public void An_unknown_architecture_is_told_with_the_known_ones(string? type, string expected)
    {
        using var folder = new TheirFolder();
        folder.Config["model_type"] = type;
        folder.Write();
        Assert.Contains(expected, Refusal(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_missing_surplus_and_misshapen_tensor_is_listed()
    {
        using var folder = new TheirFolder();
        folder.Tensors.Remove("encoder.final_layer_norm.weight");
        folder.Tensors.Remove("shared.weight");
        folder.Tensors["decoder.block.7.layer.0.layer_norm.weight"] = ones(12);
        folder.Tensors["encoder.block.1.layer.1.DenseReluDense.wi.weight"] = ones(12, 20);
        folder.Tensors["decoder.final_layer_norm.weight"] = ones(12, dtype: float64);
        folder.Write();
        var problems = Assert.Throws<InputException>(() => folder.Convert("theirs", "ours")).Problems.Select(problem => problem.What).Order(StringComparer.Ordinal);
        Assert.Equal(
        [
            "tensor 'decoder.block.7.layer.0.layer_norm.weight' does not belong there",
            "tensor 'decoder.final_layer_norm.weight' holds Float64, not float32, bfloat16 or float16",
            "tensor 'encoder.block.1.layer.1.DenseReluDense.wi.weight' is [12, 20] instead of [20, 12]",
            "tensor 'encoder.final_layer_norm.weight' is missing",
            "tensor 'shared.weight' is missing",
        ], problems);
        Assert.False(Directory.Exists(folder.At("ours")));
    }

    [Fact]
    public void Half_a_download_is_refused_wherever_it_ended()
    {
        using var folder = new TheirFolder().Write();
        foreach (var name in new[] { "config.json", "model.safetensors" })
        {
            var whole = File.ReadAllBytes(folder.At("theirs", name));
            for (var length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 23))
            {
                File.WriteAllBytes(folder.At("theirs", name), whole[..length]);
                Refusal(folder);
            }
            File.WriteAllBytes(folder.At("theirs", name), whole);
        }
        folder.Convert("theirs", "ours");
    }

    [Theory, InlineData("spiece.model", "half of a vocabulary"), InlineData("tokenizer.json", "{\"model\": "), InlineData("generation_config.json", "")]
    public void So_are_damaged_files_beside_the_weights(string name, string content)
    {
        using var folder = new TheirFolder().Write();
        File.WriteAllText(folder.At("theirs", name), content);
        Assert.Contains(name, Refusal(folder), StringComparison.Ordinal);
    }

    [Theory, InlineData("pytorch_model.bin", "pytorch_model.bin"), InlineData("abc.incomplete", "has not ended"), InlineData("README.md", "has no weights")]
    public void A_folder_without_weights_is_refused_with_what_is_there(string other, string expected)
    {
        using var folder = new TheirFolder().Write();
        File.Move(folder.At("theirs", "model.safetensors"), folder.At("theirs", other));
        Assert.Contains(expected, Refusal(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_shard_a_wrong_index_and_a_path_out_of_the_folder_are_told()
    {
        using var folder = new TheirFolder().WriteShards(map => (map["encoder.final_layer_norm.weight"], map["nothing.weight"]) = ("../model.safetensors", "model-00001-of-00002.safetensors"));
        File.Delete(folder.At("theirs", "model-00002-of-00002.safetensors"));
        var refusal = Refusal(folder);
        Assert.Contains("00002.safetensors: is missing", refusal, StringComparison.Ordinal);
        Assert.Contains("not a file of its own folder", refusal, StringComparison.Ordinal);
        Assert.Contains("tensor 'nothing.weight' is missing", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_overwritten_and_a_folder_that_is_none_or_both_is_refused()
    {
        using var folder = new TheirFolder().Write();
        folder.Convert("theirs", "ours");
        Assert.Contains("is there already", Assert.Throws<InputException>(() => folder.Convert("theirs", "ours")).Message, StringComparison.Ordinal);
        Assert.Contains("no such folder", Assert.Throws<InputException>(() => folder.Convert("nowhere", "other")).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(folder.At("empty"));
        Assert.Contains("holds no model", Assert.Throws<InputException>(() => folder.Convert("empty", "other")).Message, StringComparison.Ordinal);
        File.Copy(folder.At("theirs", "config.json"), folder.At("ours", "config.json"));
        Assert.Contains("holds both", Assert.Throws<InputException>(() => folder.Convert("ours", "other")).Message, StringComparison.Ordinal);
        Assert.Contains("is a file", Assert.Throws<InputException>(() => folder.Convert("theirs/config.json", "other")).Message, StringComparison.Ordinal);
    }

    private static string Refusal(TheirFolder folder)
    {
        var message = Assert.Throws<InputException>(() => folder.Convert("theirs", "ours")).Message;
        Assert.False(Directory.Exists(folder.At("ours")));
        Assert.Equal([folder.Path], Directory.GetFileSystemEntries(folder.At()));
        return message;
    }
}
