using System.Text.Json;

namespace Allometry.EndToEnd.Tests;

/// <summary>Checkpoints in, out and traced, as a person at the command line does it.</summary>
public sealed class CheckpointTests : IDisposable
{
    private static readonly string Released = Path.Combine(AllometryProcess.Repository, "tests", "goldens", "hf", "t5-one-token");
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_is_converted_there_and_back_counted_and_traced()
    {
        var converted = Json("convert", Released, "ours");
        Assert.Equal("allometry", converted.GetProperty("format").GetString());
        Assert.Equal("hugging-face", Json("convert", "ours", "back").GetProperty("format").GetString());
        Assert.Equal(File.ReadAllBytes(Path.Combine(Released, "config.json")), File.ReadAllBytes(folder.At("back", "config.json")));

        foreach (var model in new[] { Released, "ours", "back" })
        {
            Assert.Equal(converted.GetProperty("parameters").GetInt64(), Json("count", model).GetProperty("parameters").GetProperty("total").GetInt64());
            var traced = Json("trace", model, "--inputs", Path.Combine(Released, "io.safetensors"), "--output", "traces/out.safetensors", "--gradients", "--greedy", "--beams", "4", "--length-penalty", "0.6");
            Assert.Equal(5.135229110717773, traced.GetProperty("loss").GetDouble(), 1e-4);
            Assert.True(traced.GetProperty("tensors").TryGetProperty("grad.shared.weight", out _));
            Assert.True(File.Exists(folder.At("traces", "out.safetensors")));
        }
    }

    [Fact]
    public void Converting_says_what_it_did_and_leaves_nothing_beside_it()
    {
        var ended = AllometryProcess.Run(folder.Path, "convert", Released, "ours");
        ended.HasEndedWith(0);
        Assert.Contains("family t5", ended.LastLine, StringComparison.Ordinal);
        Assert.Equal(["ours"], Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path)).Where(name => name != "cache"));
    }

    [Theory]
    [InlineData("model.safetensors", null, "has no weights")]
    [InlineData("model.safetensors", "half a download", "not a safetensors file")]
    [InlineData("config.json", "{ \"model_type\": \"t5\", \"d_mod", "cut short")]
    [InlineData("config.json", "{ \"model_type\": \"mamba\" }", "unknown architecture")]
    [InlineData("config.json", "{ \"model_type\": \"t5\", \"d_model\": 48 }", "instead of")]
    public void A_damaged_folder_is_one_clear_message_and_leaves_nothing(string file, string? content, string expected)
    {
        Directory.CreateDirectory(folder.At("theirs"));
        foreach (var name in new[] { "config.json", "model.safetensors" }) File.Copy(Path.Combine(Released, name), folder.At("theirs", name));
        if (content is null) File.Delete(folder.At("theirs", file));
        else File.WriteAllText(folder.At("theirs", file), content);

        foreach (var arguments in new string[][] { ["convert", "theirs", "ours"], ["trace", "theirs", "--inputs", Path.Combine(Released, "io.safetensors"), "--output", "ours"] })
        {
            var ended = AllometryProcess.Run(folder.Path, arguments);
            ended.HasEndedWith(1);
            Assert.Equal("", ended.Output);
            Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
            Assert.False(Path.Exists(folder.At("ours")));
        }
    }

    [Theory]
    [InlineData("there is no loss", "--gradients")]
    [InlineData("width 0", "--beams", "0")]
    [InlineData("answer of 0", "--greedy", "--max-new-tokens", "0")]
    public void A_trace_that_makes_no_sense_is_refused(string expected, params string[] options)
    {
        var inputs = folder.At("in.safetensors");
        var header = """{"input_ids":{"dtype":"I64","shape":[1,1],"data_offsets":[0,8]}}""";
        File.WriteAllBytes(inputs, [.. BitConverter.GetBytes((long)header.Length), .. System.Text.Encoding.UTF8.GetBytes(header), 3, 0, 0, 0, 0, 0, 0, 0]);
        var ended = AllometryProcess.Run(folder.Path, ["trace", Released, "--inputs", inputs, "--output", "out.safetensors", .. options]);
        ended.HasEndedWith(1);
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.At("out.safetensors")));
    }

    private JsonElement Json(params string[] arguments)
    {
        var ended = AllometryProcess.Run(folder.Path, [.. arguments, "--json"]);
        ended.HasEndedWith(0);
        return JsonDocument.Parse(ended.Output).RootElement;
    }
}
