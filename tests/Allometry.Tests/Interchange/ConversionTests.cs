using Allometry.Files;
using Allometry.Interchange;
using Allometry.Kinds;
using Allometry.Models;
using Allometry.Tests.Golden;
using Allometry.Text;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Tests.Interchange;

public class ConversionTests
{
    public static TheoryData<string> Cases => HuggingFaceCase.Models;

    [Theory, MemberData(nameof(Cases))]
    public void A_released_folder_there_and_back_has_the_same_tensors_and_the_same_files(string name)
    {
        Assert.SkipWhen(name == "none", "there are no such cases");
        using var folder = new TheirFolder();
        var source = Path.Combine(Goldens.Folder, "hf", name);
        Conversion.Run(source, folder.At("ours"));
        folder.Convert("ours", "back");
        Directory.CreateDirectory(folder.At("original"));
        File.Copy(Path.Combine(source, "model.safetensors"), folder.At("original", "model.safetensors"));

        Assert.Equal(folder.Stored("original"), folder.Stored("back"));
        Assert.Equal(File.ReadAllBytes(Path.Combine(source, "config.json")), File.ReadAllBytes(folder.At("back", "config.json")));
    }

    [Theory, InlineData(true, true, false), InlineData(false, false, true), InlineData(true, false, true), InlineData(false, true, false)]
    public void So_has_one_of_any_form_stored_twice_in_every_type_and_with_what_nobody_reads(bool tied, bool rescaled, bool gated)
    {
        using var folder = new TheirFolder(new EncoderDecoder { Tied = tied, Rescaled = rescaled, FeedForward = gated ? new GatedFeedForward { Activation = new Silu() } : new DenseFeedForward() });
        foreach (var (i, name) in folder.Tensors.Keys.Index().ToList()) folder.Tensors[name] = folder.Tensors[name].to((i % 3) switch { 0 => float32, 1 => bfloat16, _ => float16 });
        folder.Tensors["encoder.embed_tokens.weight"] = folder.Tensors["decoder.embed_tokens.weight"] = folder.Tensors["shared.weight"];
        if (tied) folder.Tensors["lm_head.weight"] = folder.Tensors["shared.weight"];
        folder.Tensors["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] = randn(32, 2);
        folder.Write();

        folder.Convert("theirs", "ours");
        folder.Convert("ours", "back");
        Assert.Equal(folder.Stored("theirs"), folder.Stored("back"));
        Assert.All(Safetensors.Read(folder.At("ours", "model.safetensors")).Values, tensor => Assert.Equal(float32, tensor.dtype));
    }

    [Fact]
    public void Shards_are_one_model()
    {
        using var folder = new TheirFolder().WriteShards();
        folder.Convert("theirs", "ours");
        folder.Convert("ours", "back");
        Assert.Equal(folder.Stored("theirs"), folder.Stored("back"));
    }

    [Theory, InlineData("encoder.embed_tokens.weight"), InlineData("lm_head.weight")]
    public void A_table_may_be_stored_under_its_other_name_alone(string other)
    {
        using var folder = new TheirFolder();
        folder.Tensors.Remove("shared.weight", out var table);
        folder.Tensors[other] = table!;
        folder.Write();
        folder.Convert("theirs", "ours");
        folder.Convert("ours", "back");
        Assert.Equal(folder.Stored("theirs"), folder.Stored("back"));
    }

    [Fact]
    public void Two_different_tables_are_two_where_transformers_5_wrote_the_config_and_a_problem_where_it_did_not()
    {
        using var folder = new TheirFolder(new EncoderDecoder { Tied = true, Rescaled = false });
        folder.Tensors["lm_head.weight"] = randn_like(folder.Tensors["shared.weight"]);
        folder.Write();
        Assert.False(folder.Convert("theirs", "ours").Model.Architecture.Tied);
        folder.Convert("ours", "back");
        Assert.Equal(folder.Stored("theirs"), folder.Stored("back"));

        folder.Config.Remove("scale_decoder_outputs");
        folder.Write();
        Assert.Contains("'lm_head.weight' is not 'shared.weight'", Assert.Throws<InputException>(() => folder.Convert("theirs", "other")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_converted_computes_the_same_as_what_was_not()
    {
        using var folder = new TheirFolder();
        foreach (var name in folder.Tensors.Keys.ToList()) folder.Tensors[name] = folder.Tensors[name].to(bfloat16);
        folder.Write();
        folder.Convert("theirs", "ours");
        var (raw, _) = ModelFolder.Load(folder.Path);
        using var converted = Checkpoint.Load(folder.At("ours"));
        using var owned = raw;
        Assert.Equal(raw.named_parameters().Select(pair => (pair.name, Convert.ToHexString(pair.parameter.bytes))), converted.named_parameters().Select(pair => (pair.name, Convert.ToHexString(pair.parameter.bytes))));
        Assert.Equal(Canonical.Json(folder.Model with { Architecture = raw.Architecture }), Canonical.Json(Checkpoint.Describe(folder.At("ours"))));
    }

    [Theory, InlineData("t5-1.0"), InlineData("t5-1.1"), InlineData("bert"), InlineData("gpt-2")]
    public void A_model_that_never_was_elsewhere_becomes_a_folder_that_means_the_same_model(string family)
    {
        using var folder = new TheirFolder();
        var architecture = Reader.Read<Architecture>(family, "test");
        using var model = architecture.Build(folder.Model.Shape with { HeadWidth = 6 });
        Checkpoint.Save(model, folder.At("ours"));
        folder.Convert("ours", "theirs-now");
        folder.Convert("theirs-now", "again");

        using var again = Checkpoint.Load(folder.At("again"));
        Assert.Equal(model.state_dict().Select(pair => (pair.Key, Convert.ToHexString(pair.Value.bytes))), again.state_dict().Select(pair => (pair.Key, Convert.ToHexString(pair.Value.bytes))));
        Assert.Equal(Canonical.Json(architecture), Canonical.Json(again.Architecture));
    }

    [Fact]
    public void Tokenizer_and_generation_settings_go_along_byte_by_byte_and_ours_reads_the_vocabulary()
    {
        using var folder = new TheirFolder(new EncoderDecoder());
        var pieces = SentencePieceModel.Parse([]).With([new("<pad>", 0, PieceType.Control), new("</s>", 0, PieceType.Control), new("<unk>", 0, PieceType.Unknown), new("\u2581a", -1, PieceType.Normal)]);
        string[] names = ["spiece.model", "tokenizer.json", "tokenizer_config.json", "generation_config.json", "special_tokens_map.json"];
        File.WriteAllBytes(folder.At("theirs", names[0]), pieces.ToBytes());
        File.WriteAllText(folder.At("theirs", names[2]), """{"extra_ids": 7}""");
        foreach (var name in names.Except([names[0], names[2]])) File.WriteAllText(folder.At("theirs", name), $$"""{ "name" : "{{name}}" }""");
        folder.Write();
        folder.Convert("theirs", "ours");
        folder.Convert("ours", "back");
        foreach (var name in names) Assert.Equal(File.ReadAllBytes(folder.At("theirs", name)), File.ReadAllBytes(folder.At("back", name)));
        var vocabulary = Assert.IsType<SentencePieceVocabulary>(Canonical.Parse<Vocabulary>(File.ReadAllText(folder.At("ours", "vocabulary.json"))));
        Assert.Equal(7, vocabulary.Sentinels);
    }

    [Fact]
    public void A_changed_weight_goes_back_changed_and_a_changed_model_is_refused()
    {
        using var folder = new TheirFolder();
        folder.Tensors["shared.weight"] = folder.Tensors["shared.weight"].to(bfloat16);
        folder.Write();
        folder.Convert("theirs", "ours");
        var weights = folder.At("ours", "model.safetensors");
        Safetensors.Write(weights, [.. Safetensors.Read(weights).Select(tensor => (tensor.Key, tensor.Value * 3))]);
        folder.Convert("ours", "back");
        Assert.Equal((folder.Tensors["shared.weight"].to(float32) * 3).to(bfloat16).bytes.ToArray(), Safetensors.Read(folder.At("back", "model.safetensors"))["shared.weight"].bytes.ToArray());

        var description = folder.At("ours", "model.json");
        File.WriteAllText(description, Canonical.Json(folder.Model with { Architecture = new EncoderDecoder { Rescaled = false } }));
        Assert.Contains("another model", Assert.Throws<InputException>(() => folder.Convert("ours", "other")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_architecture_that_hugging_face_does_not_know_is_refused()
    {
        using var folder = new TheirFolder();
        using var model = new DecoderOnly().Build(folder.Model.Shape);
        Checkpoint.Save(model, folder.At("ours"));
        Assert.Contains("no family", Assert.Throws<InputException>(() => folder.Convert("ours", "theirs-now")).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("theirs-now")));
    }
}
