using System.Text.Json.Nodes;
using Allometry.Files;
using Allometry.Interchange;
using Allometry.Models;
using Allometry.Training;
using static TorchSharp.torch;

namespace Allometry.Stranger.Tests;

/// <summary>A family of models from outside goes to Hugging Face and back, and is traced by its names.</summary>
public sealed class SquareLayoutTests
{
    [Fact]
    public void Its_models_become_folders_of_their_own_model_type_and_come_back()
    {
        var root = Directory.CreateTempSubdirectory("allometry-tests-").FullName;
        using var scope = NewDisposeScope();
        using var model = Strangers.Read<Architecture>("{ kind: encoder-decoder, feed-forward: square }").Build(Strangers.Small);
        Checkpoint.Save(model, Path.Combine(root, "ours"));
        Conversion.Run(Path.Combine(root, "ours"), Path.Combine(root, "theirs"));
        Conversion.Run(Path.Combine(root, "theirs"), Path.Combine(root, "again"));

        Assert.Equal("square_t5", (string)JsonNode.Parse(File.ReadAllText(Path.Combine(root, "theirs", "config.json")))!["model_type"]!);
        Assert.Contains("encoder.block.0.layer.1.Square.weight", Safetensors.Read(Path.Combine(root, "theirs", "model.safetensors")).Keys);
        using var again = Checkpoint.Load(Path.Combine(root, "again"));
        Assert.All(model.state_dict(), pair => Assert.Equal(pair.Value.bytes.ToArray(), again.state_dict()[pair.Key].bytes.ToArray()));

        var (raw, nameOf) = ModelFolder.Load(Path.Combine(root, "theirs"));
        using var owned = raw;
        var ids = full([1, 3], 5, int64);
        var traced = new Trace(raw, nameOf).Run(new(ids, ids.ne(0), ids), new(Gradients: true));
        Assert.Contains("grad.decoder.block.1.layer.2.Square.weight", traced.Keys);
        Directory.Delete(root, recursive: true);
    }
}
